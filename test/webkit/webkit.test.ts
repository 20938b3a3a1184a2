// What Safari's engine does differently: it starts a killed worker anew on the same port, runs a second one when its network
// process dies, and loses its database with that. WebKitGTK is not Safari, but the nearest that a test can have.

import { describe, expect, it, onTestFinished } from "vitest"

import type { Told } from "../browser/fixture/told.ts"
import { runs } from "../browser/lab/catch-up.ts"
import { chat, chatIdentifier, range } from "../browser/lab/chat.ts"
import { untilStored } from "../browser/lab/rows.ts"
import type { Tab } from "../browser/lab/tab.ts"
import { useLab } from "../browser/lab/use-lab.ts"
import { Witness } from "./witness.ts"

describe("several tabs in webkit", () => {
  const lab = useLab({ engine: "webkit", host: "shared-worker" })

  it("share one socket and one subscribe, and each receives every message in order", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    await server.say(20)
    await Promise.all(tabs.map(tab => tab.untilReceived(20)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 20))
      expect(await tab.inspect()).toMatchObject({ host: "shared-worker", storage: "indexeddb", tabs: { length: 3 } })
    }
    const { opened, sockets, commands } = await server.stats()
    expect({ opened, sockets }).toEqual({ opened: 1, sockets: 1 })
    expect(commands).toMatchObject([{ command: "subscribe", identifier: chatIdentifier() }])
  })

  it("opened at the same moment, do so too", async () => {
    const server = await lab.serve()
    const tabs = await Promise.all([1, 2, 3].map(() => lab.open(chat({ after: null }))))
    await Promise.all(tabs.map(tab => tab.untilCaughtUp()))
    await server.say(2)
    await Promise.all(tabs.map(tab => tab.untilReceived(2)))

    for (const tab of tabs) expect(await tab.ids()).toEqual([1, 2])
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1, commands: { length: 1 } })
  })

  it("catch up together after the server was killed while others kept persisting", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null, limit: 20 }))
    await server.say(10)
    await Promise.all(tabs.map(tab => tab.untilReceived(10)))
    const producer = server.produce({ count: 50, every: 20 })
    await producer.committed(10)
    await server.kill()
    await producer.committed(30)
    await server.restart()
    await Promise.all(tabs.map(tab => tab.untilReceived(60)))

    for (const tab of tabs) expect(await tab.ids()).toEqual(range(1, 60))
    const report = await server.until(report => runs(report).length > 1)
    expect(report).toMatchObject({ opened: 1, sockets: 1, commands: [{ command: "subscribe" }] })
    expect(runs(report)).toHaveLength(2) // the recovery, and the reconcile 2 s after
  })

  it("miss nothing when the one closes in which the hub began", async () => {
    const server = await lab.serve()
    const [first, ...others] = await lab.openAll(3, chat({ after: null }))
    const hush = server.chatter(10)
    await others[1].untilReceived(10)
    await first.close()
    await others[0].untilReceived(40)
    await expectAll(others, await hush())
    expect(await server.stats()).toMatchObject({ sockets: 1 })
  })

  it("miss nothing and need no reload when the hub's process is killed", async () => {
    const server = await lab.serve()
    const [first, ...others] = await lab.openAll(3, chat({ after: null }))
    await first.close() // else its page would die with the hub, and with that the driver's session
    await server.say(1)
    await Promise.all(others.map(tab => tab.untilReceived(1)))
    const before = await others[0].inspect()
    const hush = server.chatter(10)
    await others[1].untilReceived(10)
    await lab.killHub()
    await Promise.all(others.map(tab => tab.untilDisconnected()))
    await expectAll(others, [1, ...(await hush()), ...(await server.say(1))])

    const after = await others[0].inspect()
    expect(after).toMatchObject({ host: "shared-worker", state: "active", tabs: { length: 2 } })
    expect(after.epoch).toBeGreaterThan(before.epoch)
    expect(await server.stats()).toMatchObject({ sockets: 1 })
  })

  it("leave a cursor behind, from which a later one goes on", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    await server.say(5)
    await Promise.all(tabs.map(tab => tab.untilReceived(5)))
    await untilStored(tabs[0], 5)
    await Promise.all(tabs.map(tab => tab.close()))
    await server.until(({ sockets }) => sockets === 0)
    await server.say(4, { broadcast: false })
    const later = await lab.open(chat({ after: "cursor" }))
    await later.untilCaughtUp()

    expect(await later.ids()).toEqual(range(6, 9))
  })

  it("miss nothing when the network's process dies, and with it socket, requests, locks and database", async () => {
    const server = await lab.serve()
    const witness = await Witness.start()
    onTestFinished(() => witness.stop())
    const tabs = await lab.openAll(3, chat({ after: null }))
    await server.say(3)
    await Promise.all(tabs.map(tab => tab.untilReceived(3)))
    await witness.watch(tabs)
    const hush = server.chatter(50)
    lab.killNetwork()
    await witness.until(3, told => told.some(({ type }) => type === "disconnected"))
    const ids = [...range(1, 3), ...(await hush()), ...(await server.say(1))]
    const last = String(ids.at(-1))
    const told = await witness.until(3, told => received(told).includes(last))

    for (const each of told) expect(received(each)).toEqual(ids.map(String))
    await server.until(({ sockets }) => sockets === 1)
  })
})

/** The ids of what it was given. */
function received(told: readonly Told[]): (string | undefined)[] {
  return told.flatMap(each => (each.type === "received" ? [each.delivery.id] : []))
}

/** Each once, in order, in one life of the page, and without an error. */
async function expectAll(tabs: readonly Tab[], ids: readonly number[]): Promise<void> {
  await Promise.all(tabs.map(tab => tab.untilReceived(Math.max(...ids))))
  for (const tab of tabs) {
    expect(await tab.ids()).toEqual(ids)
    const told = await tab.told()
    expect(told.filter(({ type }) => type === "pageshow" || type === "error")).toHaveLength(1)
  }
}
