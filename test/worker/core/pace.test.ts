import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import type { TabDriver } from "./support/tab-driver.ts"
import { want } from "./support/want.ts"

/** A hub whose tab takes everything at once, on a stream that has been quiet. */
function quiet({ tabs = 1 } = {}) {
  const hub = new HubDriver()
  const tab = hub.attachLive({ catchUp: null })
  for (let more = 1; more < tabs; more++) hub.attach({ wants: [want({ catchUp: null })] })
  hub.pass(1_000)
  tab.heard()
  return { hub, tab }
}

function say(hub: HubDriver, count: number): void {
  for (let id = 0; id < count; id++) hub.live(`m${id}`)
}

/** A slow tab is given no more than 16 at once, and that is right for it. */
function takesSmallBatches(hub: HubDriver, tab: TabDriver): void {
  tab.ms = 1_000
  for (let n = 0; n < 6; n++) {
    hub.live(`slow ${n}`)
    hub.pass(1_000)
  }
  tab.ms = 30
}

function batches(tab: TabDriver, during: () => void): number {
  const before = tab.batches.length
  during()
  return tab.batches.length - before
}

describe("live messages", () => {
  it("go out one by one, at once, while they are few", () => {
    const { hub, tab } = quiet()
    expect(batches(tab, () => say(hub, 32))).toBe(32)
    expect(tab.heard()).toHaveLength(32)
  })

  it("go out together when they are many: a batch costs a tab the same whatever is in it", () => {
    const { hub, tab } = quiet()
    say(hub, 32)
    expect(batches(tab, () => say(hub, 100))).toBe(0)
    expect(batches(tab, () => hub.pass(8))).toBe(1)
    expect(tab.heard()).toHaveLength(132)
  })

  it("that come while others are about to go out go with them, and are not counted among the few", () => {
    const { hub, tab } = quiet()
    hub.flushes = false
    say(hub, 32)
    hub.flush()
    hub.flushes = true
    expect(batches(tab, () => say(hub, 31))).toBe(31)
  })

  it("go out one by one for as long as it takes, where there are 250 a second", () => {
    const { hub, tab } = quiet()
    const sent = batches(tab, () => {
      for (let n = 0; n < 1_000; n++) {
        hub.live(`m${n}`)
        hub.pass(4)
      }
    })
    expect(sent).toBe(1_000)
  })

  it("go out one by one for a while where there are some more: pauses that are too short add up", () => {
    const { hub, tab } = quiet()
    const sent = batches(tab, () => {
      for (let n = 0; n < 100; n++) {
        hub.live(`m${n}`)
        hub.pass(3)
      }
    })
    expect(sent).toBe(100)
  })

  it("earn no exception by waiting: a flood goes out together to its end", () => {
    const { hub, tab } = quiet()
    say(hub, 100)
    hub.pass(8)
    expect(batches(tab, () => say(hub, 1))).toBe(0)
  })

  it("wait for 8 ms at most, and a millisecond for each tab where that is more, up to 32", () => {
    for (const [tabs, ms] of [
      [1, 8],
      [20, 20],
      [50, 32],
    ] as const) {
      const { hub, tab } = quiet({ tabs })
      say(hub, 33)
      expect(batches(tab, () => hub.pass(ms - 1))).toBe(0)
      expect(batches(tab, () => hub.pass(1))).toBe(1)
    }
  })

  it("wait for 255 others at most: the log is bounded", () => {
    const { hub, tab } = quiet()
    say(hub, 32)
    expect(batches(tab, () => say(hub, 255))).toBe(0)
    expect(batches(tab, () => say(hub, 1))).toBe(1)
  })

  it("wait for what fills a batch at most: a hundred large ones are more than the log holds", () => {
    const { hub, tab } = quiet()
    say(hub, 32)
    const large = (count: number) => {
      for (let n = 0; n < count; n++) hub.live(`large ${n}`, { body: "x".repeat(32_768) })
    }
    expect(batches(tab, () => large(6))).toBe(0)
    expect(batches(tab, () => large(1))).toBe(1)
    expect(batches(tab, () => large(6))).toBe(0)
  })

  it("wait for no timer in a page, whose timers wait for a minute when it is hidden", () => {
    const hub = new HubDriver(1, undefined, false)
    const tab = hub.attachLive({ catchUp: null })
    expect(batches(tab, () => say(hub, 100))).toBe(100)
  })

  it("wait for nothing when something else goes out, which they came before", () => {
    const { hub, tab } = quiet()
    say(hub, 40)
    hub.close()
    const heard = tab.heard()
    expect(heard).toHaveLength(41)
    expect(heard.at(-1)).toBe("disconnected")
  })
})

describe("a tab that is still busy when the others get theirs", () => {
  it("gets its batch as soon as it has taken the last one", () => {
    const { hub, tab } = quiet()
    tab.isFrozen = true
    say(hub, 33)
    hub.pass(8)
    say(hub, 10)
    expect(batches(tab, () => tab.take())).toBe(1)
  })

  it("waits with them if it is done in time", () => {
    const { hub, tab } = quiet()
    say(hub, 32)
    tab.isFrozen = true
    say(hub, 300) // of which 256 go out
    expect(batches(tab, () => tab.take())).toBe(0)
    expect(batches(tab, () => hub.pass(8))).toBe(1)
  })

  it("gets what did not fit into its batch as soon as it has taken that, though more is to come", () => {
    const { hub, tab } = quiet()
    takesSmallBatches(hub, tab)
    tab.isFrozen = true
    say(hub, 33)
    hub.pass(8)
    tab.take() // and gets 16 of those that came meanwhile
    hub.live("more")
    expect(batches(tab, () => tab.take())).toBe(1)
  })

  it("gets its own pages that did not fit beside another's as soon as it has taken that, though more is to come", () => {
    const hub = new HubDriver()
    const streams = [want(), want({ subscription: 2, identifier: '{"channel":"Other"}' })]
    hub.attach({ wants: streams })
    hub.welcome()
    for (const { identifier } of streams) hub.confirm(identifier)
    for (const _ of streams) hub.page([])
    say(hub, 33)
    hub.pass(8)
    const tab = hub.attach({ frozen: true, wants: streams.map(stream => want({ ...stream, after: "5" })) })
    hub.flushes = false
    for (const _ of streams) hub.page([{ id: "11", text: "x".repeat(200_000) }])
    hub.flushes = true
    tab.take() // "connected", and gets one of the two pages
    hub.live("more")
    expect(batches(tab, () => tab.take())).toBe(1)
  })

  it("gets what did not fit into its batch, though nothing more comes", () => {
    const { hub, tab } = quiet()
    takesSmallBatches(hub, tab)
    say(hub, 100)
    hub.pass(8)
    expect(tab.heard()).toHaveLength(106)
  })
})
