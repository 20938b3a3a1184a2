// Machines that sleep, networks that die silently, hubs that die in the middle of a call, and tabs that freeze.

import { describe, expect, it, onTestFinished } from "vitest"

import { chat, range } from "./lab/chat.ts"
import { isFull, PLACES, sample, SHARED_WORKERS } from "./lab/place.ts"
import { Relay } from "./lab/relay.ts"
import { useLab } from "./lab/use-lab.ts"

/** Longer than the silence that makes a cable stale. */
const SLEEP_MS = 8_000
/** Asked every 10 s, with 10 s to answer. */
const HANGS_MS = 30_000

describe.each(sample(PLACES))("after a sleep in %s", (_, place) => {
  const lab = useLab(place)

  it("every tab receives what it missed, though the server has cut the socket meanwhile", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    await server.say(5)
    await Promise.all(tabs.map(tab => tab.untilReceived(5)))
    await lab.sleep(SLEEP_MS, async () => {
      await server.control({ drop: true })
      await server.say(5)
    })
    await Promise.all(tabs.map(tab => tab.untilReceived(10)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 10))
      expect((await tab.inspect()).tabs).toHaveLength(3)
    }
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
  })

  it("a socket that is open but dead is replaced within 6 s", async () => {
    const server = await lab.serve()
    const relay = await Relay.start(server.port)
    onTestFinished(() => relay.stop())
    const tabs = await lab.openAll(2, { ...chat({ after: null }), url: `ws://127.0.0.1:${relay.port}/cable` })
    await lab.sleep(SLEEP_MS, async () => {
      relay.goDead()
      await server.say(5)
    })
    const woke = Date.now()
    await tabs[1].wake()
    await server.until(({ opened }) => opened === 2)
    expect(Date.now() - woke).toBeLessThan(6_500) // its first new attempt comes within another 500 ms

    await Promise.all(tabs.map(tab => tab.untilReceived(5)))
    for (const tab of tabs) expect(await tab.ids()).toEqual(range(1, 5))
  })
})

describe.each(sample(SHARED_WORKERS))("a hub in %s", (_, place) => {
  const lab = useLab(place)

  it("that dies in the middle of a call rejects it with a code, and the next message comes without a reload", async () => {
    const server = await lab.serve()
    const [, ...survivors] = await lab.openAll(3, chat({ after: null }))
    const kill = lab.stopHub()
    const call = survivors[0].evaluate(() =>
      window.lab.consumer.inspect().then(
        () => "answered",
        (error: { name: string; code: string }) => [error.name, error.code],
      ),
    )
    await survivors[0].evaluate(() => true) // the call is under way
    kill()
    expect(await call).toEqual(["CableError", "hub-gone"])

    await Promise.all(survivors.map(tab => tab.untilCaughtUp(2)))
    await server.say(1)
    await Promise.all(survivors.map(tab => tab.untilReceived(1)))
    for (const tab of survivors) expect((await tab.told()).filter(({ type }) => type === "pageshow")).toHaveLength(1)
  })

  it.runIf(isFull).each([
    ["as soon as that wakes", true],
    ["which asks by itself", false],
  ])("that hangs is replaced by another, dialled by the tab that somebody looks at, %s", async (_, wakes) => {
    const server = await lab.serve()
    const [, hidden, front] = await lab.openAll(3, chat({ after: null }))
    const kill = lab.stopHub()
    onTestFinished(kill)
    await server.say(3)
    if (wakes) await front.wake()
    await front.untilDisconnected(HANGS_MS)
    await front.untilReceived(3)
    await hidden.untilReceived(3)

    for (const tab of [hidden, front]) {
      expect(await tab.ids()).toEqual([1, 2, 3])
      // A worker of the next name; a tab, if that takes more than two seconds to start.
      expect(await tab.inspect()).toMatchObject({
        host: expect.stringMatching(/^(shared-worker|leader-tab)$/),
        tabs: { length: 2 },
      })
    }
  })
})

// Freezing is Chromium's.
describe.each(PLACES.filter(([, { engine }]) => engine === "chromium"))("a frozen tab in %s", (_, place) => {
  const lab = useLab(place)

  it.runIf(isFull)(
    "costs the hub its place in the log, and is given all of 20,000 messages in order when it thaws",
    async () => {
      const COUNT = 20_000
      const server = await lab.serve()
      const [, frozen, front] = await lab.openAll(
        3,
        chat({ after: null, limit: 1_000, subscription: { settleFor: 200, reconcileEvery: 500 } }),
      )
      await frozen.freeze()
      // No faster than the hub's place can follow: what is repeated beyond the tabs' window of 8,192 ids is not known as such.
      for (let said = 2_000; said <= COUNT; said += 2_000) {
        await server.say(2_000)
        await server.until(({ requests }) => requests.some(({ after_id }) => Number(after_id) >= said))
      }
      await front.untilReceived(COUNT)
      const { tabs, streams } = await front.inspect()
      expect(tabs).toHaveLength(3)
      expect(streams[0]?.log.entries).toBeLessThanOrEqual(2_000) // its capacity, and the newest page whole

      await frozen.freeze(false)
      await frozen.untilReceived(COUNT)
      for (const tab of [frozen, front]) {
        expect(await tab.ids()).toEqual(range(1, COUNT))
      }
    },
  )
})
