// A hub that lives in a tab: who leads, and what happens when the leader freezes, hangs, goes into the cache or dies.

import { describe, expect, it } from "vitest"

import { chat, range } from "./lab/chat.ts"
import { isFull, LEADER_TABS, sample } from "./lab/place.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(sample(LEADER_TABS))("a leader in %s", (_, place) => {
  const lab = useLab(place)

  it("is one of three tabs: they share its socket, and each receives every message in order", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    await server.say(20)
    await Promise.all(tabs.map(tab => tab.untilReceived(20)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 20))
      expect(await tab.inspect()).toMatchObject({ host: "leader-tab", tabs: { length: 3 } })
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1, commands: { length: 1 } })
  })

  it("that dies is followed by the tab in front, before hidden ones that waited longer", async () => {
    const server = await lab.serve()
    const [first, hidden, front] = await lab.openAll(3, chat({ after: null }))
    expect(await first.leads()).toBe(true)
    await lab.killHub()
    await Promise.all([hidden.untilCaughtUp(2), front.untilCaughtUp(2)])

    expect(await front.leads()).toBe(true)
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
  })

  it.runIf(isFull)(
    "that hangs is deposed by a visible tab, once, and is that one's guest when it runs again",
    async () => {
      const server = await lab.serve()
      const [first] = await lab.openAll(1, chat({ after: null }))
      const [front] = await lab.openAll(1, chat({ after: null }))
      const before = await front.inspect()
      await first.hang(16_000)
      await front.wake()
      await server.say(3)
      await front.untilDisconnected()
      await front.untilReceived(3)
      const after = await front.inspect()
      expect(await front.leads()).toBe(true)
      expect(after.epoch).toBeGreaterThan(before.epoch)

      await first.untilReceived(3)
      await server.say(1)
      await Promise.all([first, front].map(tab => tab.untilReceived(4)))
      for (const tab of [first, front]) {
        expect(await tab.ids()).toEqual(range(1, 4))
        expect(await tab.inspect()).toMatchObject({ epoch: after.epoch, tabs: { length: 2 } })
      }
      expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
    },
  )
})

// Freezing is Chromium's.
describe.each(LEADER_TABS.filter(([, { engine }]) => engine === "chromium"))("a frozen tab in %s", (_, place) => {
  const lab = useLab(place)

  it("that led lets a visible tab take over, once, and is its guest when it thaws", async () => {
    const server = await lab.serve()
    const [first, front] = await lab.openAll(2, chat({ after: null }))
    expect(await first.leads()).toBe(true)
    await first.freeze()
    await front.untilCaughtUp(2)
    await server.say(3)
    await front.untilReceived(3)
    expect(await front.leads()).toBe(true)
    const { epoch } = await front.inspect()

    await first.freeze(false)
    await server.say(1)
    await Promise.all([first, front].map(tab => tab.untilReceived(4)))
    for (const tab of [first, front]) {
      expect(await tab.ids()).toEqual(range(1, 4))
      expect(await tab.inspect()).toMatchObject({ epoch, tabs: { length: 2 } })
    }
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
  })

  it("that queued keeps nobody from becoming the next leader", async () => {
    const server = await lab.serve()
    const [, frozen, front] = await lab.openAll(3, chat({ after: null }))
    await frozen.freeze()
    await lab.killHub()
    await front.untilCaughtUp(2)
    await server.say(1)
    await front.untilReceived(1)

    expect(await front.leads()).toBe(true)
    await frozen.freeze(false)
    await frozen.untilReceived(1)
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
  })
})
