import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

function live() {
  const hub = new HubDriver()
  const tab = hub.attachLive()
  return { hub, tab }
}

describe("a frame that the hub cannot use is counted and skipped (promise: bad input)", () => {
  it.each([
    ["not JSON", "{", { "malformedFrames.json": 1 }],
    ["not an object", "[1]", { "malformedFrames.shape": 1 }],
    ["binary", new ArrayBuffer(4), { "malformedFrames.shape": 1 }],
    ["of an unknown type", { type: "novelty" }, { "malformedFrames.shape": 1 }],
    ["for an unknown identifier", { identifier: "?", message: 1 }, { unknownIdentifiers: 1 }],
  ])("%s", (_, raw, counters) => {
    const { hub, tab } = live()
    hub.put({
      type: "frame",
      cable: hub.cable,
      raw: typeof raw === "string" || raw instanceof ArrayBuffer ? raw : JSON.stringify(raw),
    })
    expect(hub.counters).toMatchObject(counters)
    expect(hub.state).toBe("live")
    expect(tab.heard()).toEqual([])
  })

  it("larger than maxFrameBytes", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ catchUp: null }, { settings: { linger: 1_000, maxFrameBytes: 100 } })
    const frame = (length: number) => {
      const head = `{"identifier":${JSON.stringify(CHAT)},"message":"`
      return head + "x".repeat(length - head.length - 2) + '"}'
    }
    hub.frame(frame(100))
    expect(tab.heard()).toHaveLength(1)
    hub.frame(frame(101))
    expect(tab.heard()).toEqual([])
    expect(hub.counters).toMatchObject({ "malformedFrames.size": 1 })
  })

  it("larger than a Mi units, before any tab has said how large", () => {
    const hub = new HubDriver()
    hub.frame("x".repeat(10), 1)
    expect(hub.counters).toEqual({})
  })
})

describe("a ping", () => {
  it("without the server's time leaves what is known of it", () => {
    const { hub } = live()
    hub.frame({ type: "ping" })
    hub.pass(2_000)
    hub.page([hub.message("11", 6_000), hub.message("12", 4_000)])
    expect(hub.stream().cursor).toEqual({ after: "11", seen: 1 })
  })
})

describe("falsy messages and strings (case 24)", () => {
  it.each([[0], [""], [false], [null], ["typing"], [[]], [{}]])("%j is delivered as it is", message => {
    const { hub, tab } = live()
    hub.frame({ identifier: CHAT, message })
    expect(tab.wire()).toEqual([["live", null, null, message]])
  })
})

describe("tabs", () => {
  it("that nobody knows can do nothing", () => {
    const { hub } = live()
    hub.put({ type: "subscribe", tab: 9, want: want() })
    hub.put({ type: "unsubscribe", tab: 9, subscription: 1 })
    hub.put({ type: "unsubscribe", tab: 1, subscription: 9 })
    hub.put({ type: "wake", tab: 9, visible: true })
    hub.put({ type: "tab-gone", tab: 9 })
    expect(hub.stream().subscriptions).toBe(1)
    expect(hub.core.inspect().tabs).toHaveLength(1)
  })

  it("that go take their subscriptions with them", () => {
    const { hub, tab } = live()
    const other = hub.attach({ wants: [want()] })
    tab.leave()
    expect(hub.stream().subscriptions).toBe(1)
    expect(hub.core.inspect().tabs).toHaveLength(1)
    other.leave()
    hub.pass(1_300)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("that attach anew replace what they wanted before, and go on from where they say", () => {
    const { hub, tab } = live()
    hub.live("11")
    tab.heard()
    hub.attach({ key: 1, wants: [want({ start: { from: "position", position: { after: "10", seen: ["11"] } } })] })
    expect(hub.core.inspect().tabs).toMatchObject([{ subscriptions: 1 }])
    expect(hub.stream().subscriptions).toBe(1)
    hub.page(["11", "12"])
    expect(tab.heard()).toEqual(["connected", "page 12", "caught-up"])
  })

  it("that attach anew without their subscriptions have left them", () => {
    const { hub } = live()
    hub.attach({ key: 1, wants: [] })
    hub.pass(1_300)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("that subscribe twice under one number have one subscription", () => {
    const { hub, tab } = live()
    tab.subscribe({})
    expect(hub.stream().subscriptions).toBe(1)
    tab.unsubscribe()
    hub.pass(1_300)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("that attach later do not change what the first one has decided: linger and frame size (bridge.ts)", () => {
    const { hub, tab } = live()
    hub.attach({ settings: { linger: 9_000, maxFrameBytes: 10 } })
    hub.live("11")
    expect(tab.heard()).toEqual(["live 11"])
    tab.unsubscribe()
    hub.pass(1_000)
    expect(hub.sent().at(-1)).toBe("unsubscribe")
  })

  it("have subscriptions numbered by themselves: 1 of one is not 1 of another", () => {
    const { hub, tab } = live()
    const other = hub.attach({ wants: [want({ catchUp: null, identifier: '{"channel":"Other"}' })] })
    other.unsubscribe(1)
    hub.live("11")
    expect(tab.heard()).toEqual(["live 11"])
  })
})

describe("an alarm", () => {
  it("is set for the next deadline, and taken back when there is none", () => {
    const { hub, tab } = live()
    expect(hub.alarm).not.toBeNull()
    tab.leave()
    hub.pass(60_000)
    expect(hub.state).toBe("idle")
    expect(hub.alarm).toBeNull()
  })

  it("is not set again for the same time", () => {
    const hub = new HubDriver()
    hub.attach()
    hub.drain("alarm")
    hub.put({ type: "wake", tab: 1, visible: true })
    expect(hub.drain("alarm")).toEqual([])
  })

  it("is not left behind by anything that has ended", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ settings: { reorderFor: 60_000 } })
    hub.live("11")
    tab.subscribe({ subscription: 2, identifier: '{"channel":"Unanswered"}' })
    tab.subscribe({ subscription: 3, identifier: '{"channel":"Refused"}', after: "now" })
    hub.fail()
    hub.put({ type: "ended" })
    expect(hub.alarm).toBeNull()
  })

  it("is not left behind by a stream that everybody has left", () => {
    const { hub, tab } = live()
    tab.leave()
    hub.pass(1_300)
    expect(hub.alarm).toBeNull()
  })
})

describe("a hub that has lost the mutex", () => {
  it("sends, asks and opens nothing any more, and its tabs know that somebody will come", () => {
    const { hub, tab } = live()
    hub.pass(2_000)
    const { fetch } = hub.fetch
    hub.drain("send")
    hub.put({ type: "ended" })
    expect(hub.drain("drop")).toHaveLength(1)
    expect(hub.drain("abort")).toEqual([{ type: "abort", fetch }])
    expect(hub.drain("send")).toEqual([])
    expect(tab.heard()).toEqual(["disconnected"])
    expect(tab.cable).toBe("idle")
    expect(hub.core.inspect().streams).toEqual([])
    hub.attach({ wants: [want()] })
    tab.wake()
    hub.put({ type: "reopen", tab: 1 })
    hub.pass(600_000)
    expect(hub.drain("dial")).toHaveLength(1)
    expect(hub.saved().every(({ n }) => n === 1)).toBe(true)
  })

  it("has nothing to ask for a frozen tab that wakes before it has heard of it", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    hub.live("11")
    hub.put({ type: "ended" })
    tab.wake()
    hub.pass(60_000)
    expect(hub.fetches).toEqual([])
  })

  it("opens again for those who attach once it has it back", () => {
    const { hub } = live()
    hub.put({ type: "ended" })
    hub.put({ type: "began", epoch: 2 })
    expect(hub.drain("dial")).toHaveLength(1)
    const tab = hub.attach({ key: 1, wants: [want()] })
    expect(hub.drain("dial")).toHaveLength(1)
    hub.welcome()
    hub.confirm()
    hub.page(["11"])
    expect(tab.heard().slice(-3)).toEqual(["connected", "page 11", "caught-up"])
    expect(tab.batches.at(-1)?.batch.epoch).toBe(2)
  })
})

describe("forget", () => {
  it("closes the cable, drops every log, and tells every tab that nobody will try again", () => {
    const { hub, tab } = live()
    const other = hub.attach({ wants: [want({ catchUp: null, identifier: '{"channel":"Other"}' })] })
    hub.put({ type: "forget" })
    expect(hub.drain("drop")).toHaveLength(1)
    expect(tab.heard()).toEqual(["disconnected for good"])
    expect(other.heard()).toEqual(["disconnected for good"])
    expect(hub.core.inspect()).toMatchObject({ streams: [], socket: { state: "idle" } })
  })

  it("leaves no tab of before a way to the server: it may not have heard of it yet", () => {
    const { hub, tab } = live()
    hub.put({ type: "forget" })
    hub.put({ type: "began", epoch: 2 })
    hub.drain("dial")
    tab.subscribe({ subscription: 2 })
    hub.put({ type: "open", tab: tab.key, wanted: true })
    expect(hub.drain("dial")).toEqual([])
    expect(hub.core.inspect().streams).toEqual([])
    tab.heard()
    hub.attach({ wants: [want()] })
    hub.welcome()
    expect(tab.batches.at(-1)?.batch.cable).toBe("idle")
  })

  it("delivers nothing that comes afterwards (promise 7)", () => {
    const { hub, tab } = live()
    const old = hub.cable
    hub.pass(2_000)
    const { fetch } = hub.fetch
    hub.put({ type: "forget" })
    tab.heard()
    hub.frame({ identifier: CHAT, message: { id: "11" } }, old)
    hub.put({ type: "fetched", fetch, result: { type: "page", messages: [{ id: 12 }], hasMore: false, cursor: null } })
    hub.loaded({ v: 1, position: { after: "5", seen: [] }, epoch: 1, n: 1 })
    hub.pass(100_000)
    expect(tab.heard()).toEqual([])
    expect(hub.saved().every(({ n }) => n === 1)).toBe(true)
  })
})

describe("what inspect tells of the hub", () => {
  it("is the socket, the tabs, the streams and the counters; no token, URL or message", () => {
    const hub = new HubDriver()
    hub.attachLive({}, { url: "wss://example.test/cable?token=secret" })
    hub.live("11", { body: "secret" })
    const told = hub.core.inspect()
    expect(told).toMatchObject({
      socket: { state: "live", opened: 1, reason: null },
      tabs: [{ visible: true, subscriptions: 1, waiting: false }],
      streams: [{ channel: "ChatChannel", phase: "live" }],
      counters: { batches: expect.any(Number) },
    })
    expect(JSON.stringify(told)).not.toContain("secret")
    expect(JSON.stringify(told)).not.toContain("example.test")
  })

  it("is a copy", () => {
    const { hub } = live()
    const told = hub.core.inspect()
    hub.frame("{")
    expect(told.counters["malformedFrames.json"]).toBeUndefined()
  })

  it("copes with an identifier that is no JSON object", () => {
    const hub = new HubDriver()
    hub.attach({ wants: ["", "null", '"x"', '{"id":1}'].map((identifier, n) => want({ subscription: n, identifier })) })
    expect(hub.core.inspect().streams.map(({ channel }) => channel)).toEqual(["?", "?", "undefined", "undefined"])
  })
})
