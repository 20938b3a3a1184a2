// What Safari's engine does differently: it starts a killed worker anew on the same port, runs a second one when its network
// process dies, and loses its database with that. WebKitGTK is not Safari, but the nearest that a test can have.

import { describe, expect, it, onTestFinished } from "vitest"

import type { Told } from "../browser/fixture/told.ts"
import { runs } from "../browser/lab/catch-up.ts"
import { chat, chatIdentifier, range } from "../browser/lab/chat.ts"
import type { Controlled } from "../browser/lab/controlled.ts"
import { untilStored } from "../browser/lab/rows.ts"
import type { Tab } from "../browser/lab/tab.ts"
import { useLab } from "../browser/lab/use-lab.ts"
import { Witness } from "./witness.ts"

const WEBKIT = { engine: "webkit", host: "shared-worker" } as const

describe("several tabs in webkit", () => {
  const lab = useLab(WEBKIT)

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
    // No page ends with the 60th message: after it, a reconcile may begin.
    const tabs = await lab.openAll(3, chat({ after: null, limit: 22 }))
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
    const ids = await hush()
    await Promise.all(others.map(tab => tab.untilReceived(ids.length)))
    for (const tab of others) expect(lifeOf(await tab.told())).toEqual({ ids, loaded: 1, errors: [] })
    expect(await server.stats()).toMatchObject({ sockets: 1 })
  })

  it("leave a cursor behind, from which a later one goes on", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    await server.say(5)
    await Promise.all(tabs.map(tab => tab.untilReceived(5)))
    await untilStored(tabs[0], 5)
    await tabs[1].close()
    // If the worker ran there it has moved: one that dies while it begins leaves a database that does not answer.
    await untilAnswered(tabs[0])
    await untilStored(tabs[0], 5)
    await tabs[0].close()
    await server.until(({ sockets }) => sockets === 0)
    await server.say(4, { broadcast: false })
    const later = await lab.open(null)
    // A start waits for its row no longer than a second, which WebKit may take to open a database that nobody has open.
    await untilStored(later, 5)
    await later.subscribe(chat({ after: "cursor" }))
    await later.untilCaughtUp()

    expect(await later.ids()).toEqual(range(6, 9))
  })
})

// With the first process that dies, the driver's session does too: each of these has a browser of its own.

describe("tabs in webkit whose hub is killed", () => {
  const lab = useLab(WEBKIT)

  it("miss nothing, and need no reload; the one in which it began dies with it", async () => {
    const server = await lab.serve()
    const [, ...survivors] = await lab.openAll(3, chat({ after: null }))
    const { ids, told } = await killWhileTalking(server, survivors, () => lab.killHub())
    for (const each of told) expect(lifeOf(each)).toEqual({ ids, loaded: 1, errors: [] })
  })
})

describe("tabs in webkit whose network process is killed, and with it socket, requests, locks and database", () => {
  const lab = useLab(WEBKIT)

  it("miss nothing, and need no reload", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    const { ids, told } = await killWhileTalking(server, tabs, () => lab.killNetwork())
    for (const each of told) expect(lifeOf(each)).toEqual({ ids, loaded: 1, errors: [] })
  })
})

/** A hub answers, be it another one than before: the call that is under way when it dies is told, and made again. */
async function untilAnswered(tab: Tab): Promise<void> {
  await tab.inspect().catch((error: Error) => {
    if (!error.message.includes("try again")) throw error
    return tab.inspect()
  })
}

type Story = { ids: readonly number[]; told: readonly (readonly Told[])[] }

/** These tabs lose their hub and find another. @returns what was said and what each was told, once each has the last of it */
async function killWhileTalking(server: Controlled, tabs: readonly Tab[], kill: () => unknown): Promise<Story> {
  const witness = await Witness.start()
  onTestFinished(() => witness.stop())
  await server.say(3)
  await Promise.all(tabs.map(tab => tab.untilReceived(3)))
  await witness.watch(tabs)
  const hush = server.chatter(20)
  await kill()
  await witness.until(tabs.length, told => told.some(({ type }) => type === "disconnected"))
  const ids = [...range(1, 3), ...(await hush()), ...(await server.say(1))]
  const told = await witness.until(tabs.length, told => lifeOf(told).ids.includes(ids.length))
  await server.until(({ sockets }) => sockets === 1)
  return { ids, told }
}

/** What it was given, in the order in which that came, and in how many loads of the page. */
function lifeOf(told: readonly Told[]) {
  const ids = told.flatMap(each => (each.type === "received" ? [Number(each.delivery.id)] : []))
  const loaded = told.filter(({ type }) => type === "pageshow").length
  return { ids, loaded, errors: told.filter(({ type }) => type === "error") }
}
