// What a tab missed is caught up: while the server was away, before it was confirmed, or never broadcast at all.

import { describe, expect, it } from "vitest"

import { catchUps, runs } from "./lab/catch-up.ts"
import { chat, range } from "./lab/chat.ts"
import { expectGiven, untilGiven } from "./lab/given.ts"
import { PLACES } from "./lab/place.ts"
import { onEmbedded } from "./lab/servers.ts"
import { shown } from "./lab/shown.ts"
import { useLab } from "./lab/use-lab.ts"

/** From the server's hearing a subscribe; a tenth of a second less than the hub waits. */
const RECONCILE_AFTER_MS = 1_900

describe.each(PLACES)("catching up in %s", (_, place) => {
  const lab = useLab(place)

  it("a server killed while others keep persisting costs one socket, one recovery and one reconcile, and no tab a message", async () => {
    const server = await lab.serve()
    // No page ends with the 60th message: after it, a reconcile may begin.
    const tabs = await lab.openAll(3, chat({ after: null, limit: 22 }))
    const first = await server.say(10)
    await Promise.all(tabs.map(tab => untilGiven(tab, first)))

    const producer = server.produce({ count: 50, every: 20 })
    await producer.committed(10)
    await server.kill()
    await producer.committed(30)
    await server.restart()
    await Promise.all(tabs.map(tab => tab.untilReceived(60)))
    const report = await server.until(({ requests }) => requests.every(({ status }) => status === 200))

    for (const tab of tabs) await expectGiven(tab, range(1, 60))
    expect(report).toMatchObject({ opened: 1, sockets: 1, commands: [{ command: "subscribe" }] })
    const [recovery = [], reconcile = [], ...more] = runs(await server.until(report => runs(report).length > 1))
    expect(more).toEqual([])
    const subscribed = Number(report.commands[0]?.at)
    expect(Number(recovery[0]?.at) - subscribed).toBeLessThan(RECONCILE_AFTER_MS)
    expect(Number(reconcile[0]?.at) - subscribed).toBeGreaterThan(RECONCILE_AFTER_MS)
  })

  it("a message persisted between the page's rendering and the confirmation is delivered", async () => {
    const server = await lab.serve()
    const rendered = await server.say(3)
    const tab = await lab.open(null)
    await server.say(1)
    await tab.subscribe(chat({ after: rendered }))
    await tab.untilCaughtUp()

    expect(await tab.received()).toMatchObject([{ message: { id: 4 }, delivery: { id: "4", source: "catch-up" } }])
    await server.say(1)
    await tab.untilReceived(5)
    expect(await tab.ids()).toEqual([4, 5])
  })

  it("so is the first message of an empty chat", async () => {
    const server = await lab.serve()
    const tab = await lab.open(null)
    await server.say(1)
    await tab.subscribe(chat({ after: null }))
    await tab.untilCaughtUp()

    expect(await tab.ids()).toEqual([1])
    expect(await tab.told()).toMatchObject([
      { type: "pageshow" },
      { type: "connected", reconnected: false },
      { type: "received" },
      { type: "caughtUp", outcome: "recovered", count: 1 },
    ])
  })

  // Rails does so by itself: test/rails/subscriptions.test.ts.
  it.each(
    onEmbedded("a message lost to a confirmation that came before the server listened is delivered within seconds"),
  )("%s", async () => {
    const server = await lab.serve()
    await server.control({ confirmEarly: 1_000 })
    const [tab] = await lab.openAll(1, chat({ after: null }))
    await server.say(1)
    await tab.untilReceived(1)

    expect(await tab.received()).toMatchObject([{ delivery: { source: "catch-up" } }])
    expect(await server.stats()).toMatchObject({ opened: 1 })
  })

  it("a message that is persisted but never broadcast arrives on a cable that never dropped", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null, subscription: { reconcileEvery: 1_000 } }))
    await server.until(report => catchUps(report).length >= 2) // the recovery, and the reconcile 2 s after
    await server.say(2)
    await server.say(1, { broadcast: false })
    await server.say(1)
    await Promise.all(tabs.map(tab => untilGiven(tab, range(1, 4))))

    for (const tab of tabs) {
      const received = await tab.received()
      expect(received.at(-1)).toMatchObject({
        message: { id: 3 },
        delivery: { source: "catch-up", late: { before: "4" } },
      })
      expect(shown(received)).toEqual(range(1, 4))
    }
    expect(await server.stats()).toMatchObject({ opened: 1, commands: [{ command: "subscribe" }] })
  })
})
