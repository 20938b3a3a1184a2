import { describe, expect, it } from "vitest"
import type { WireEntry } from "../../../shared/entry.ts"
import { HubDriver } from "./support/hub-driver.ts"
import type { TabDriver } from "./support/tab-driver.ts"
import { CHAT, want } from "./support/want.ts"

const CHANNELS = [1, 2, 3].map(id => ({ subscription: id, identifier: `{"channel":"Channel${id}"}` }))

/** A frozen tab on a live stream without catchUp: what is sent waits for it. */
function frozen() {
  const hub = new HubDriver()
  const tab = hub.attachLive({ catchUp: null })
  tab.isFrozen = true
  return { hub, tab }
}

/** A tab with three subscriptions; the hub waits for the test to flush. */
function three() {
  const hub = new HubDriver()
  const tab = hub.attach({ wants: CHANNELS.map(channel => want({ ...channel, catchUp: null })) })
  hub.welcome()
  for (const { identifier } of CHANNELS) hub.confirm(identifier)
  tab.isFrozen = true
  hub.flushes = false
  return { hub, tab }
}

/** A tab with three subscriptions that start elsewhere than their streams; the pages of all come at once. */
function replaying(text: string) {
  const hub = new HubDriver()
  hub.attach({ wants: CHANNELS.map(channel => want(channel)) })
  hub.welcome()
  for (const { identifier } of CHANNELS) hub.confirm(identifier)
  for (const _ of CHANNELS) hub.page([])
  const tab = hub.attach({ wants: CHANNELS.map(channel => want({ ...channel, after: "5" })) })
  hub.flushes = false
  for (const _ of CHANNELS) hub.page([{ id: "11", text }])
  hub.flush()
  hub.flushes = true
  hub.ping()
  return { hub, tab }
}

function say(hub: HubDriver, count: number, identifier = CHAT, message: unknown = 1): void {
  for (let sent = 0; sent < count; sent++) hub.frame({ identifier, message })
}

function sizeOf(tab: TabDriver): number {
  const parts = tab.batches.at(-1)?.batch.parts ?? []
  return parts.flatMap(part => JSON.parse(part.entries) as WireEntry[]).length
}

describe("batches", () => {
  it("are one at a time: the next one goes when this one is taken, with all that came meanwhile", () => {
    const { hub, tab } = frozen()
    say(hub, 1)
    expect(sizeOf(tab)).toBe(1)
    say(hub, 5)
    expect(tab.batches.at(-1)).toMatchObject({ n: tab.batches.at(-1)?.n })
    const before = tab.batches.length
    expect(hub.core.inspect().tabs).toMatchObject([{ waiting: true }])
    tab.take()
    expect(tab.batches).toHaveLength(before + 1)
    expect(sizeOf(tab)).toBe(5)
  })

  it("carry all that came until the flush, and one flush is asked for", () => {
    const { hub, tab } = three()
    hub.drain("flush")
    say(hub, 3, CHANNELS[0]?.identifier)
    say(hub, 2, CHANNELS[1]?.identifier)
    expect(hub.drain("flush")).toHaveLength(1)
    hub.flush()
    expect(sizeOf(tab)).toBe(5)
  })

  it("carry the epoch and the state of the cable", () => {
    const hub = new HubDriver(7)
    const tab = hub.attach()
    expect(tab.batches.map(({ batch }) => batch)).toEqual([{ epoch: 7, cable: "opening", parts: [] }])
    hub.welcome()
    expect(tab.batches.at(-1)?.batch).toEqual({ epoch: 7, cable: "live", parts: [] })
  })

  it("are not sent to say nothing new", () => {
    const { hub, tab } = frozen()
    tab.isFrozen = false
    const before = tab.batches.length
    hub.ping()
    hub.flush()
    expect(tab.batches).toHaveLength(before)
  })

  it("have numbers that none before had, whatever the tab: a late reply to an earlier attach is taken for nothing", () => {
    const { hub, tab } = frozen()
    say(hub, 1)
    const late = tab.batches.at(-1)?.n ?? 0
    const again = hub.attach({ wants: [want({ catchUp: null })] })
    again.isFrozen = true
    say(hub, 1)
    const numbers = [...hub.tabs.values()].flatMap(({ batches }) => batches.map(({ n }) => n))
    expect(new Set(numbers).size).toBe(numbers.length)
    hub.put({ type: "taken", tab: again.key, n: late, ms: 1 })
    expect(hub.core.inspect().tabs).toMatchObject([{ waiting: true }, { waiting: true }])
  })

  it("taken a second time change nothing", () => {
    const { hub, tab } = frozen()
    say(hub, 1)
    tab.take()
    const before = tab.batches.length
    hub.put({ type: "taken", tab: tab.key, n: tab.batches.at(-1)?.n ?? 0, ms: 1 })
    expect(tab.batches).toHaveLength(before)
    expect(hub.core.inspect().tabs).toMatchObject([{ waiting: false }])
  })

  it("taken by a tab that nobody knows change nothing", () => {
    const { hub } = frozen()
    hub.put({ type: "taken", tab: 99, n: 1, ms: 1 })
    expect(hub.core.inspect().tabs).toHaveLength(1)
  })
})

describe("a batch's size", () => {
  /** What becomes of a limit when a batch takes so long. */
  const limitAfter = (ms: number, from: number) => {
    const { hub, tab } = frozen()
    tab.ms = 60
    while ((hub.core.inspect().tabs[0]?.batchLimit ?? 0) > from) {
      say(hub, 1)
      tab.take()
    }
    say(hub, 1)
    tab.ms = ms
    tab.take()
    return hub.core.inspect().tabs[0]?.batchLimit
  }

  it("begins with 128 messages", () => {
    const hub = new HubDriver()
    hub.attach({ frozen: true })
    expect(hub.core.inspect().tabs).toEqual([{ visible: true, subscriptions: 0, batchLimit: 128, waiting: true }])
  })

  it("doubles for a tab that takes less than 25 ms, up to 512", () => {
    const { hub, tab } = frozen()
    tab.ms = 24.9
    const limits = [1, 2, 3].map(() => {
      say(hub, 1)
      tab.take()
      return hub.core.inspect().tabs[0]?.batchLimit
    })
    expect(limits.at(-1)).toBe(512)
  })

  it("stays for one that takes from 25 to 50 ms", () => {
    expect(limitAfter(25, 256)).toBe(256)
    expect(limitAfter(50, 256)).toBe(256)
    expect(limitAfter(24.9, 128)).toBe(256)
  })

  it("is halved for one that takes more than 50 ms, down to 16", () => {
    expect(limitAfter(50.1, 512)).toBe(256)
    const { hub, tab } = frozen()
    tab.ms = 1_000
    for (let slow = 0; slow < 10; slow++) {
      say(hub, 1)
      tab.take()
    }
    expect(hub.core.inspect().tabs[0]?.batchLimit).toBe(16)
  })

  it("is what a tab gets at most", () => {
    const { hub, tab } = frozen()
    say(hub, 1)
    tab.ms = 1_000
    for (let slow = 0; slow < 6; slow++) {
      tab.take()
      say(hub, 1)
    }
    say(hub, 39)
    hub.pass(8)
    tab.ms = 30
    const sizes = [1, 2, 3].map(() => {
      tab.take()
      return sizeOf(tab)
    })
    expect(sizes).toEqual([16, 16, 7])
  })

  it("is 512 messages at most, replays of several subscriptions included", () => {
    const hub = new HubDriver()
    hub.attach({ wants: CHANNELS.map(channel => want(channel)) })
    hub.welcome()
    for (const { identifier } of CHANNELS) hub.confirm(identifier)
    for (const _ of CHANNELS) hub.page([])
    const tab = hub.attach({ wants: CHANNELS.map(channel => want({ ...channel, after: "5" })), frozen: true })
    hub.flushes = false
    for (const _ of CHANNELS) hub.page(Array.from({ length: 200 }, (_, id) => `m${id}`))
    hub.flushes = true
    while (tab.isWaiting) tab.take()
    const sizes = tab.batches.map(({ batch }) => {
      const entries = batch.parts.flatMap(part => JSON.parse(part.entries) as WireEntry[])
      return entries.reduce((sum, entry) => sum + (entry[0] === "page" ? entry[2].length : 0), 0)
    })
    for (const size of sizes) expect(size).toBeLessThanOrEqual(512)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(600)
  })

  it("is 256 Ki characters at most, where one message alone is not larger", () => {
    const { hub, tab } = three()
    for (const { identifier } of CHANNELS) say(hub, 1, identifier, "x".repeat(200_000))
    hub.flush()
    expect(tab.batches.at(-1)?.batch.parts).toHaveLength(1)
    tab.take()
    tab.take()
    for (const { subscription } of CHANNELS) expect(tab.wire(subscription)).toHaveLength(2)
  })

  it("is 256 Ki characters at most, replays of several subscriptions included", () => {
    const { tab } = replaying("x".repeat(200_000))
    for (const { batch } of tab.batches) {
      expect(batch.parts.reduce((sum, part) => sum + part.entries.length, 0)).toBeLessThanOrEqual(262_144)
    }
    for (const { subscription } of CHANNELS) expect(tab.heard(subscription)).toContain("page 11")
  })

  it("is one message, where that is larger than any batch", () => {
    const { hub, tab } = frozen()
    hub.flushes = false
    say(hub, 2, CHAT, "x".repeat(300_000))
    hub.flush()
    expect(sizeOf(tab)).toBe(1)
    tab.take()
    expect(sizeOf(tab)).toBe(1)
  })
})

describe("subscriptions of one tab", () => {
  it("take turns: a busy stream does not starve the others", () => {
    const { hub, tab } = three()
    for (let round = 0; round < 3; round++) say(hub, 600, CHANNELS[round]?.identifier)
    hub.flush()
    const first = []
    for (let round = 0; round < 3; round++) {
      first.push(tab.batches.at(-1)?.batch.parts[0]?.subscription)
      tab.take()
    }
    expect(new Set(first).size).toBe(3)
  })

  it("share a batch as far as it goes", () => {
    const { hub, tab } = three()
    for (const { identifier } of CHANNELS) say(hub, 10, identifier)
    hub.flush()
    expect(tab.batches.at(-1)?.batch.parts).toHaveLength(3)
    expect(sizeOf(tab)).toBe(30)
  })

  it("share a batch as far as it goes, replays included", () => {
    const { tab } = replaying("")
    expect(tab.batches.at(-1)?.batch.parts).toHaveLength(3)
  })
})

describe("tabs in lockstep", () => {
  it("get the same characters", () => {
    const hub = new HubDriver()
    const [one, other] = [hub.attachLive({ catchUp: null }), hub.attach({ wants: [want({ catchUp: null })] })]
    say(hub, 3)
    const [a, b] = [one, other].map(tab => tab?.batches.at(-1)?.batch.parts[0]?.entries)
    expect(a).toBe('[["live",null,null,1]]')
    expect(b).toBe(a)
  })

  it("do not wait for one that is frozen (case 7)", () => {
    const { hub } = frozen()
    const quick = hub.attach({ wants: [want({ catchUp: null })] })
    say(hub, 100)
    hub.pass(8)
    expect(quick.heard()).toHaveLength(101)
  })
})
