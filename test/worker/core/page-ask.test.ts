import { describe, expect, it } from "vitest"
import { HubDriver, SERVER_EPOCH, URL } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

const OTHER = '{"channel":"OtherChannel"}'

/** A stream whose first request is open. */
function asking(options: WantOptions = {}, random = 0.5) {
  const hub = new HubDriver()
  hub.random = random
  const tab = hub.attach({ wants: [want(options)] })
  hub.welcome()
  hub.confirm()
  hub.loaded(null)
  return { hub, tab }
}

/** @returns after how long the question is asked again */
function waitOf(hub: HubDriver): number {
  const before = hub.now
  while (hub.fetches.length === 0 && hub.now < before + 100_000) hub.pass(100)
  return hub.now - before
}

describe("a request", () => {
  it("carries what the application said, the position, and the page's size", () => {
    const catchUp = { url: "https://example.test/m", params: { a: "1" }, headers: { "X-A": "1" }, limit: 7 }
    const { hub } = asking({ catchUp })
    expect(hub.fetch).toMatchObject({ catchUp, after: "10", limit: 7, headers: {} })
  })

  it("carries the headers that a tab answered last", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], asks: true })
    hub.reply({ url: "wss://x", headers: { Authorization: "a" } })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.headers).toEqual({ Authorization: "a" })
  })
})

describe("a request that fails", () => {
  it("is asked again after a wait that doubles, with full jitter, up to 30 s (promise: failures)", () => {
    const { hub } = asking({}, 1)
    const waits = []
    for (let failure = 0; failure < 7; failure++) {
      hub.fail()
      waits.push(waitOf(hub))
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(hub.counters).toMatchObject({ catchUpFailures: 7 })
  })

  it("waits any part of that", () => {
    const { hub } = asking({}, 0.25)
    hub.fail()
    hub.pass(249)
    expect(hub.fetches).toEqual([])
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("obeys Retry-After, where that is longer", () => {
    const { hub } = asking({}, 1)
    hub.fail(5_000)
    hub.pass(4_999)
    expect(hub.fetches).toEqual([])
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
    hub.fail(1_000)
    expect(waitOf(hub)).toBe(2_000)
  })

  it("asks the same again: the position is untouched", () => {
    const { hub } = asking()
    hub.fail()
    hub.pass(1_000)
    expect(hub.fetch).toMatchObject({ after: "10", limit: 200 })
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("is asked for as long as a tab wants the stream, and no longer", () => {
    const { hub, tab } = asking()
    for (let failure = 0; failure < 50; failure++) {
      hub.fail()
      hub.pass(30_000)
    }
    expect(hub.fetches).toHaveLength(1)
    hub.fail()
    tab.unsubscribe()
    hub.pass(60_000)
    expect(hub.fetches).toEqual([])
  })

  it("starts its waits anew with the next request", () => {
    const { hub } = asking({}, 1)
    hub.fail()
    hub.pass(1_000)
    hub.fail()
    hub.pass(2_000)
    hub.page(["11"], { more: true })
    hub.fail()
    expect(waitOf(hub)).toBe(1_000)
  })
})

describe("a request that nobody needs any more", () => {
  it("is aborted, and a late answer finds nobody", () => {
    const { hub, tab } = asking()
    const { fetch } = hub.fetch
    tab.leave()
    expect(hub.drain("abort")).toEqual([{ type: "abort", fetch }])
    hub.put({ type: "fetched", fetch, result: { type: "page", messages: [{ id: 11 }], hasMore: false, cursor: null } })
    hub.put({ type: "fetched", fetch: 999, result: { type: "gone" } })
    expect(hub.stream().log.entries).toBe(1)
  })

  it("is aborted with the cable: after the next confirmation it is asked anew (hole: flapping)", () => {
    const { hub } = asking()
    for (let flap = 0; flap < 3; flap++) {
      hub.close()
      expect(hub.fetches).toEqual([])
      hub.pass(500)
      hub.welcome()
      hub.confirm()
      expect(hub.fetch.after).toBe("10")
    }
  })

  it("is answered once", () => {
    const { hub, tab } = asking()
    const { fetch } = hub.fetch
    hub.page(["11"])
    tab.heard()
    hub.put({ type: "fetched", fetch, result: { type: "page", messages: [{ id: 12 }], hasMore: false, cursor: null } })
    expect(tab.heard()).toEqual([])
  })

  it("is not asked again when credentials come too late for it", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], credentials: true })
    hub.attach({ credentials: true })
    hub.welcome()
    hub.confirm()
    hub.refuse()
    tab.unsubscribe()
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    expect(hub.fetches).toEqual([])
  })
})

describe("a page that another follows", () => {
  it("is one that says has_more", () => {
    const { hub } = asking()
    hub.page(["11"], { more: true })
    expect(hub.fetch.after).toBe("11")
    hub.page(["12"], { more: false })
    expect(hub.fetches).toEqual([])
  })

  it("is one as long as its limit, where has_more is absent", () => {
    const { hub } = asking({ catchUp: { limit: 2 } })
    hub.page(["11", "12"], { more: null })
    expect(hub.fetch.after).toBe("12")
    hub.page(["13"], { more: null })
    expect(hub.fetches).toEqual([])
  })

  it("is not an empty one", () => {
    const { hub, tab } = asking({ catchUp: { limit: 2 } })
    hub.page(["11", "12"], { more: null })
    hub.page([], { more: null })
    expect(hub.fetches).toEqual([])
    expect(tab.heard()).toEqual(["connected", "page 11 12", "caught-up"])
  })

  it("is not as long as its limit when rows that the endpoint repeats do not count (engine rule 6)", () => {
    const { hub } = asking({ catchUp: { limit: 2 } })
    hub.page(["9", "10", "11"], { more: null })
    expect(hub.fetches).toEqual([])
    hub.pass(2_000)
    hub.page(["10", "11", "12", "13"], { more: null })
    expect(hub.fetch.after).toBe("13")
  })

  it("may say has_more: false though it is long", () => {
    const { hub } = asking({ catchUp: { limit: 2 } })
    hub.page(["11", "12", "13"], { more: false })
    expect(hub.fetches).toEqual([])
  })
})

describe("a body that cannot be a page is no answer", () => {
  it("when it says has_more, and has nothing behind the asked id: that would never end", () => {
    for (const items of [[], ["10"], ["9", "10"]]) {
      const { hub, tab } = asking()
      hub.page(items, { more: true })
      expect(tab.heard()).toEqual(["connected"])
      expect(hub.counters).toMatchObject({ catchUpFailures: 1 })
      hub.pass(1_000)
      expect(hub.fetch.after).toBe("10")
    }
  })

  it("when nothing in it has an id", () => {
    const { hub, tab } = asking()
    hub.page([{ body: "no id" }, { id: 2 ** 60 }])
    expect(tab.heard()).toEqual(["connected"])
    expect(hub.counters).toMatchObject({ catchUpFailures: 1, unreadableItems: 2 })
  })

  it("but one unreadable item does not spoil the others (hole: one message aborts the batch)", () => {
    const { hub, tab } = asking()
    hub.page(["11", { body: "no id" }, "12"])
    expect(tab.heard()).toEqual(["connected", "page 11 12", "caught-up"])
    expect(hub.counters).toMatchObject({ unreadableItems: 1 })
  })
})

describe("an item", () => {
  it("is known by the id and the time that the application names, and goes on whole", () => {
    const { hub, tab } = asking({ message: { id: "message.id", at: "message.at", only: { type: "message" } } })
    const item = { message: { id: 11, at: SERVER_EPOCH, body: "é😀" } }
    hub.page([item])
    expect(tab.wire()[1]).toEqual(["page", ["11"], [["11", SERVER_EPOCH, item]]])
  })
})

describe("the question where now is", () => {
  it("is asked with limit 0, at attach, before there is a cable (engine rule 12)", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: "now" })] })
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
  })

  it("is asked once: if that fails, the first live message will tell", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    hub.pass(60_000)
    expect(hub.fetches).toEqual([])
  })

  it.each([[[]], [["1", "2"]]])("takes has_more and messages in its answer for nothing: %j", messages => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.page(messages, { more: true, cursor: "50" })
    expect(tab.heard()).toEqual(["start 50"])
    expect(hub.stream(CHAT).cursor).toEqual({ after: "50", seen: 0 })
  })
})

describe("a request that was refused", () => {
  it("and is refused again with credentials that another one had asked for is told, not looped (case 19)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want(), want({ subscription: 2, identifier: OTHER })], credentials: true })
    hub.welcome()
    for (const identifier of [CHAT, OTHER]) hub.confirm(identifier)
    const [chat, other] = hub.fetches.map(({ fetch }) => fetch)
    hub.answer({ type: "unauthorized" }, chat)
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    hub.answer({ type: "unauthorized" }, other)
    hub.drain("ask")
    hub.answer({ type: "unauthorized" }, hub.fetches.at(-1)?.fetch)
    expect(hub.drain("ask")).toEqual([])
    expect(tab.heard(2)).toEqual(["connected", "gap unauthorized"])
  })
})
