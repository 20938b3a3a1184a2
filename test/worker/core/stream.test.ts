import { describe, expect, it } from "vitest"
import { rowKey } from "../../../shared/identity.ts"
import type { Row } from "../../../worker/core/event.ts"
import { HubDriver } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

function attached(...options: WantOptions[]) {
  const hub = new HubDriver()
  const tab = hub.attach({ wants: options.map((option, index) => want({ subscription: index + 1, ...option })) })
  return { hub, tab }
}

function live(options: WantOptions = {}) {
  const hub = new HubDriver()
  const tab = hub.attachLive(options)
  return { hub, tab }
}

function row(after: string | null, seen: string[] = []): Row {
  return { v: 1, position: { after, seen }, epoch: 1, n: 1 }
}

/** A live stream that starts now, of which nobody could say where that is. */
function unknown() {
  const hub = new HubDriver()
  const tab = hub.attachLost()
  tab.heard()
  return { hub, tab }
}

describe("a tab hears (promise: (re)subscribe)", () => {
  it("connected → caught-up messages → caught-up → live", () => {
    const { hub, tab } = attached({})
    hub.welcome()
    expect(tab.heard()).toEqual([])
    hub.confirm()
    expect(tab.heard()).toEqual(["connected"])
    hub.page(["11", "12"])
    hub.live("13")
    expect(tab.heard()).toEqual(["page 11 12", "caught-up", "live 13"])
  })

  it("disconnected → connected → what it missed → caught-up → live, after a reconnect", () => {
    const { hub, tab } = live()
    hub.reconnect()
    hub.confirm()
    hub.page(["11"])
    hub.live("12")
    expect(tab.heard()).toEqual(["disconnected", "connected", "page 11", "caught-up", "live 12"])
  })

  it("nothing of a reconcile but its news", () => {
    const { hub, tab } = live()
    hub.pass(2_000)
    hub.page(["11"])
    hub.pass(60_000)
    hub.page([])
    expect(tab.heard()).toEqual(["page 11"])
  })

  it("without catchUp: connected → live, and nothing is asked", () => {
    const { hub, tab } = attached({ catchUp: null })
    hub.welcome()
    hub.confirm()
    hub.live("11")
    hub.pass(300_000)
    expect(tab.heard()).toEqual(["connected", 'live {"id":"11","created_at":1767225600000}'])
    expect(hub.fetches).toEqual([])
    expect(hub.drain("load")).toEqual([])
  })
})

describe("a later tab", () => {
  it("that starts where the stream started follows its log while it recovers, and asks for nothing", () => {
    const { hub, tab } = attached({})
    hub.welcome()
    hub.confirm()
    hub.page(["11"], { more: true })
    const later = hub.attach({ wants: [want()] })
    hub.page(["12"])
    expect(later.heard()).toEqual(["connected", "connected", "page 11", "page 12", "caught-up"].slice(0, 5))
    expect(tab.heard()).toEqual(["connected", "page 11", "page 12", "caught-up"])
  })

  it("is not given what was ephemeral before it came, nor again what it had (promise: at most once)", () => {
    const { hub, tab } = attached({ settings: { holdFor: 0 } })
    hub.welcome()
    hub.confirm()
    hub.pass(0)
    hub.live("11")
    hub.frame({ identifier: CHAT, message: "typing" })
    hub.live("12")
    const later = hub.attach({ wants: [want()] })
    hub.frame({ identifier: CHAT, message: "still typing" })
    const lives = ["live 11", "live 12", 'live "still typing"']
    expect(later.heard().filter(entry => entry !== "connected")).toEqual(lives)
    expect(tab.heard()).toEqual(["connected", "live 11", 'live "typing"', "live 12", 'live "still typing"'])
  })

  it("is given what is ephemeral and comes right after it, with what came before it", () => {
    const { hub } = attached({ settings: { holdFor: 0 } })
    hub.welcome()
    hub.confirm()
    hub.pass(0)
    hub.frame({ identifier: CHAT, message: "typing" })
    hub.flushes = false
    const later = hub.attach({ wants: [want()] })
    hub.frame({ identifier: CHAT, message: "still typing" })
    hub.flush()
    expect(later.heard()).toContain('live "still typing"')
  })

  it("that starts there when the stream is live has pages of its own", () => {
    const { hub } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want()] })
    expect(hub.fetch.after).toBe("10")
    hub.page(["11"])
    hub.live("12")
    expect(tab.heard()).toEqual(["connected", "page 11", "caught-up", "live 12"])
  })

  it("without catchUp hears connected, and what comes from then on", () => {
    const { hub } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want({ catchUp: null })] })
    hub.live("12")
    expect(tab.heard()).toEqual(["connected", "live 12"])
  })

  it("with catchUp gives the stream of others its place", () => {
    const { hub, tab } = live({ catchUp: null })
    const later = hub.attach({ wants: [want()] })
    expect(hub.fetch.after).toBe("10")
    hub.page(["11"])
    expect(later.heard()).toEqual(["connected", "page 11", "caught-up"])
    expect(tab.heard()).not.toContain("connected")
  })
})

describe("the catchUp of a stream (engine rule 19)", () => {
  const asked = (hub: HubDriver) => {
    hub.pass(2_000)
    return hub.fetch.limit
  }

  it("is that of the newest subscription that has one", () => {
    const { hub } = live({ catchUp: { limit: 1 } })
    hub.attach({ wants: [want({ catchUp: { limit: 2 } })] })
    hub.page([])
    expect(asked(hub)).toBe(2)
  })

  it("is not displaced by one that has none", () => {
    const { hub } = live({ catchUp: { limit: 1 } })
    hub.attach({ wants: [want({ catchUp: null })] })
    expect(asked(hub)).toBe(1)
  })

  it("is that of the newest one left", () => {
    const { hub } = live({ catchUp: { limit: 1 } })
    const newest = hub.attach({ wants: [want({ catchUp: { limit: 2 } })] })
    newest.leave()
    expect(asked(hub)).toBe(1)
  })

  it("is begun anew by the next one when none was left: at its own place", () => {
    const { hub, tab } = live()
    hub.attach({ wants: [want({ catchUp: null })] })
    tab.leave()
    hub.pass(60_000)
    expect(hub.fetches).toEqual([])
    const next = hub.attach({ wants: [want({ after: "7" })] })
    expect(hub.fetch.after).toBe("7")
    hub.page(["8"])
    expect(next.heard()).toEqual(["connected", "page 8", "caught-up"])
    expect(next.after()).toBe("8")
  })

  it("when none is left asks for nothing, and the others go on", () => {
    const { hub, tab } = attached({})
    const plain = hub.attach({ wants: [want({ catchUp: null })] })
    hub.welcome()
    hub.confirm()
    hub.live("11")
    tab.leave()
    expect(hub.fetches).toEqual([])
    expect(plain.heard()).toEqual(["connected", "live 11"])
    hub.reconnect()
    hub.confirm()
    hub.live("12")
    expect(hub.fetches).toEqual([])
    expect(plain.heard().slice(0, 2)).toEqual(["disconnected", "connected"])
    expect(hub.stream().phase).toBe("live")
  })
})

describe("which live messages have ids (engine rule 20)", () => {
  it("all, unless the application says otherwise", () => {
    const { hub, tab } = live()
    hub.live("11", { type: "typing" })
    expect(tab.heard()).toEqual(["live 11"])
  })

  it("those that match `only`; the others are ephemeral, and never dropped", () => {
    const { hub, tab } = live({ message: { only: { type: "message" } } })
    hub.live("11", { type: "message" })
    hub.frame({ identifier: CHAT, message: { id: "12", type: "typing" } })
    hub.frame({ identifier: CHAT, message: { id: "12", type: "typing" } })
    expect(tab.heard()).toEqual(["live 11", 'live {"id":"12","type":"typing"}', 'live {"id":"12","type":"typing"}'])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
    expect(hub.stream().known.pending).toBe(0)
  })

  it("not those that JSON has mangled: they are counted, and treated as ephemeral", () => {
    const { hub, tab } = live()
    hub.frame(`{"identifier":${JSON.stringify(CHAT)},"message":{"id":9007199254740993}}`)
    expect(tab.wire()).toEqual([["live", null, null, { id: 9007199254740992 }]])
    expect(hub.counters).toMatchObject({ mangledIds: 1 })
  })

  it("none where nobody catches up: payloads pass untouched, repeated ones included", () => {
    const { hub, tab } = live({ catchUp: null })
    for (let copy = 0; copy < 2; copy++) hub.frame({ identifier: CHAT, message: { id: 2 ** 53 } })
    expect(tab.wire()).toEqual([1, 2].map(() => ["live", null, null, { id: 2 ** 53 }]))
    expect(hub.counters["mangledIds"]).toBeUndefined()
  })
})

describe("a live message", () => {
  it("goes on with its id, its time and its own JSON text", () => {
    const { hub, tab } = live()
    const json = '{"id":"a\\"b","created_at":"2026-01-01T00:00:00Z","n":1.0}'
    hub.live("11")
    hub.frame(`{"identifier":${JSON.stringify(CHAT)},"message":${json}}`)
    const text = tab.batches.at(-1)?.batch.parts[0]?.entries
    expect(text).toBe(`[["live","a\\"b",1767225600000,${json}]]`)
  })

  it("that repeats is delivered again: the tab is the judge (promise 4)", () => {
    const { hub, tab } = live()
    hub.live("11")
    hub.live("11")
    expect(tab.heard()).toEqual(["live 11", "live 11"])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
  })

  it("enters `seen` once a tab has taken it (engine rule 3)", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    hub.live("11")
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
    tab.take()
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
  })

  it("that comes while others are being taken is not taken with them", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("11")
    hub.live("12")
    tab.take()
    expect(hub.stream().known).toMatchObject({ pending: 1, seen: 1 })
  })

  it("moves nothing, however many come (engine rule 2)", () => {
    const { hub, tab } = live()
    for (let id = 11; id < 100; id++) hub.live(`${id}`)
    hub.pass(8)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 89 })
    expect(tab.after()).toBe("10")
  })
})

describe("a stream that starts at the cursor", () => {
  it("starts where this browser left off, and tells where that is", () => {
    const { hub, tab } = attached({ after: "cursor" })
    expect(hub.drain("load")).toEqual([{ type: "load", key: rowKey("rows", CHAT) }])
    hub.loaded(row("5", ["7"]))
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBe("5")
    hub.page(["6", "7", "8"])
    expect(tab.heard()).toEqual(["start 5 7", "connected", "page 6 8", "caught-up"])
    expect(tab.after()).toBe("8")
  })

  it("waits for the store, however late it answers", () => {
    const { hub, tab } = attached({ after: "cursor" })
    hub.welcome()
    hub.confirm()
    expect(hub.fetches).toEqual([])
    hub.loaded(row("5"))
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "start 5", "page 6", "caught-up"])
  })

  it("starts now if the store says that there is no row, and only then (engine rule 15)", () => {
    const { hub, tab } = attached({ after: "cursor" })
    expect(hub.fetches).toEqual([])
    hub.loaded(null)
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
    hub.page([], { cursor: "50" })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBe("50")
    hub.page([])
    expect(tab.heard()).toEqual(["start 50", "connected", "caught-up"])
  })

  it("tells a gap if the store failed for good, before or after the confirmation (engine rule 15)", () => {
    const before = attached({ after: "cursor" })
    before.hub.loaded("failed")
    before.hub.page([], { cursor: "50" })
    before.hub.welcome()
    before.hub.confirm()
    before.hub.page([])
    expect(before.tab.heard()).toEqual(["start 50", "connected", "gap storage"])

    const after = attached({ after: "cursor" })
    after.hub.welcome()
    after.hub.confirm()
    after.hub.loaded("failed")
    after.hub.fail()
    expect(after.tab.heard()).toEqual(["connected", "gap storage"])
  })

  /** The tab was given a live message while the store was silent, and has yet to take it: the endpoint does not know where now is. */
  function begun(row: null | "failed") {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.welcome()
    hub.confirm()
    hub.pass(10_000) // nothing is held for longer
    tab.isFrozen = true
    hub.live("51")
    hub.loaded(row)
    hub.fail()
    return { hub, tab }
  }

  it("has no place at a message that a tab was given before it heard of that gap, and takes after it", () => {
    const { hub, tab } = begun("failed")
    tab.take()
    expect(hub.stream().cursor).toEqual({ seen: 0 })
    tab.thaw()
    hub.live("52")
    expect(hub.stream().cursor).toEqual({ after: "52", seen: 0 })
    expect(tab.heard()).toEqual(["connected", "live 51", "gap storage", "live 52", "start 52"])
  })

  it("has its place there if there is no row, and so no gap", () => {
    const { hub, tab } = begun(null)
    tab.take()
    expect(hub.stream().cursor).toEqual({ after: "51", seen: 0 })
  })

  it("takes no other stream's row for its own", () => {
    const { hub } = attached({ after: "cursor" }, { after: "cursor", identifier: '{"channel":"Other"}' })
    hub.loaded(row("5"), '{"channel":"Other"}')
    hub.welcome()
    hub.confirm()
    expect(hub.fetches).toEqual([])
  })

  it("is one for all that start there", () => {
    const { hub, tab } = attached({ after: "cursor" })
    const other = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.loaded(row("5"))
    hub.welcome()
    hub.confirm()
    hub.page(["6"])
    expect(other.heard()).toEqual(tab.heard())
  })

  it("is one with whoever asked for now meanwhile, if the store says that there is no row", () => {
    const { hub } = attached({ after: "cursor" })
    hub.welcome()
    hub.confirm()
    const other = hub.attach({ wants: [want({ after: "now" })] })
    expect(other.heard()).toEqual([])
    hub.loaded(null)
    hub.page([], { cursor: "50" })
    hub.page(["51"])
    expect(other.heard()).toEqual(["connected", "connected", "start 50", "page 51", "caught-up"])
    expect(hub.fetches).toEqual([])
  })
})

describe("a stream that starts now (engine rule 12)", () => {
  it("starts at the id that the endpoint calls the newest", () => {
    const { hub, tab } = attached({ after: "now" })
    hub.page([], { cursor: "50" })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBe("50")
    hub.page(["51"])
    expect(tab.heard()).toEqual(["start 50", "connected", "page 51", "caught-up"])
  })

  it("starts at the beginning when the endpoint says that it is empty", () => {
    const { hub, tab } = attached({ after: "now" })
    hub.page([], { cursor: null })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBeNull()
    expect(tab.heard()).toEqual(["start null", "connected"])
  })

  it("holds while it asks, so that what is older comes first", () => {
    const { hub, tab } = attached({ after: "now" })
    hub.welcome()
    hub.confirm()
    hub.live("51")
    hub.page([], { cursor: "49" })
    hub.page(["50", "51"])
    expect(tab.heard()).toEqual(["connected", "start 49", "page 50 51", "caught-up", "live 51"])
  })

  it("is unknown where the endpoint does not say, until the first live message with an id", () => {
    const { hub, tab } = attached({ after: "now" })
    hub.page([])
    hub.welcome()
    hub.confirm()
    expect(tab.heard()).toEqual(["connected", "caught-up"])
    hub.frame({ identifier: CHAT, message: "typing" })
    expect(hub.stream().cursor).toStrictEqual({ seen: 0 })
    hub.live("51")
    expect(hub.stream().cursor).toEqual({ after: "51", seen: 0 })
    expect(tab.heard()).toEqual(['live "typing"', "live 51", "start 51"])
    expect(tab.after()).toBe("51")
  })

  it("asks once more with each reconcile where now is, while nobody knows", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    hub.pass(2_000)
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
    hub.fail()
    hub.pass(120_000)
    expect(hub.drain("abort")).toEqual([])
    hub.page([], { cursor: "50" })
    expect(hub.stream().cursor.after).toBe("50")
    expect(tab.heard()).toEqual(["connected", "caught-up", "start 50"])
  })

  it("is where the first live message is, if that comes before an answer", () => {
    const hub = new HubDriver()
    hub.attachLost()
    hub.live("51")
    hub.pass(2_000)
    expect(hub.fetch.after).toBe("51")
  })

  it("may be before the first live message: who was told another place meanwhile asks for pages from there", () => {
    const hub = new HubDriver()
    hub.attachLost()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.live("51")
    hub.page([], { cursor: "6" })
    expect(hub.stream().cursor).toEqual({ after: "51", seen: 0 })
    expect(hub.fetch.after).toBe("6")
    hub.page([hub.message("7", 60_000), hub.message("51", 0)])
    expect(tab.heard()).toEqual(["connected", "start 6", "page 7 51", "caught-up"])
  })

  it("may be before a live message that comes after such an answer, too: pages tell, once the endpoint answers", () => {
    const hub = new HubDriver()
    const first = hub.attachLost()
    hub.pass(2_000)
    hub.fail()
    first.isFrozen = true
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "6" })
    hub.live("51")
    first.thaw()
    expect(hub.stream().cursor.after).toBe("51")
    hub.pass(60_000)
    hub.page([])
    expect(hub.fetch.after).toBe("6")
  })

  it("is where the first live message is, though the endpoint is being asked once more", () => {
    const { hub, tab } = unknown()
    hub.pass(2_000)
    hub.live("51")
    expect(hub.stream().cursor.after).toBe("51")
    hub.page([], { cursor: "50" })
    expect(hub.stream().cursor.after).toBe("51")
    expect(tab.heard()).toEqual(["live 51", "start 51"])
  })

  it("is where the first live message is, also to another subscription that had no answer", () => {
    const { hub } = unknown()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.live("51")
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "start 51", "caught-up", "live 51", "start 51"])
    expect(hub.fetches).toEqual([])
  })

  it("is found out by the first live message where two subscriptions had no answer", () => {
    const { hub } = unknown()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "caught-up"])
    hub.live("51")
    expect(tab.heard()).toEqual(["live 51", "start 51"])
  })

  it("needs no pages for whoever asks after the first live message: that is older than its answer", () => {
    const { hub } = unknown()
    hub.live("51")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "51" })
    expect(tab.heard()).toEqual(["connected", "start 51", "caught-up"])
    expect(hub.fetches).toEqual([])
  })

  it.each(["5", null])(
    "needs no pages where another subscription stands at %s meanwhile, be it the stream's place",
    after => {
      const { hub } = unknown()
      hub.attach({ wants: [want({ after: "now" })] })
      hub.attach({ wants: [want({ after })] })
      hub.page([], { cursor: "60" })
      expect(hub.fetches.map(fetch => fetch.after)).toEqual([after])
    },
  )

  it("is told by pages where two subscriptions got different answers: nothing else shows which comes first", () => {
    const { hub } = unknown()
    hub.pass(2_000)
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "50" })
    hub.page([], { cursor: "49" })
    expect(hub.stream().cursor.after).toBe("50")
    expect(hub.fetch.after).toBe("49")
  })

  it("is a gap when it reconnects before that, and a new now is looked for", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    tab.heard()
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
    hub.page([], { cursor: "60" })
    hub.page([])
    expect(tab.heard()).toEqual(["disconnected", "connected", "start 60", "gap no-cursor"])
    hub.reconnect()
    hub.confirm()
    hub.page([])
    expect(tab.heard()).toEqual(["disconnected", "connected", "caught-up"])
  })

  it("is a gap also when that cannot be had either", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    tab.heard()
    hub.reconnect()
    hub.confirm()
    hub.fail()
    expect(tab.heard()).toEqual(["disconnected", "connected", "gap no-cursor"])
  })

  it("gives a later one that starts now nothing that was sent before it came", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.welcome()
    hub.confirm()
    hub.loaded(null)
    hub.page([], { cursor: "10" })
    hub.page([])
    hub.live("11")
    const later = hub.attach({ wants: [want({ after: "now" })] })
    if (hub.fetches.length > 0) hub.page([], { cursor: "11" })
    expect(later.heard()).not.toContain("live 11")
  })
})

describe("frames of a stream", () => {
  it("reach its own tabs only (hole: frames of other identifiers reach every handler)", () => {
    const { hub, tab } = attached({}, { identifier: '{"channel":"Other"}', catchUp: null })
    hub.welcome()
    hub.confirm()
    hub.confirm('{"channel":"Other"}')
    hub.page([])
    hub.live("11")
    hub.frame({ identifier: '{"channel":"Other"}', message: 1 })
    hub.live("12", {}, '{"channel":"Nobody"}')
    expect(tab.heard(1)).toEqual(["connected", "caught-up", "live 11"])
    expect(tab.heard(2)).toEqual(["connected", "live 1"])
    expect(hub.counters).toMatchObject({ unknownIdentifiers: 1 })
  })

  it("do not wait for another stream (case 18)", () => {
    const other = '{"channel":"Other"}'
    const { hub, tab } = attached({}, { identifier: other })
    hub.welcome()
    hub.confirm()
    hub.confirm(other)
    const [, second] = hub.fetches
    hub.answer({ type: "page", messages: [], hasMore: false, cursor: null }, second?.fetch)
    hub.live("21", {}, other)
    expect(tab.heard(2)).toEqual(["connected", "caught-up", "live 21"])
    expect(tab.heard(1)).toEqual(["connected"])
  })
})

describe("what inspect tells of a stream", () => {
  it("is its phase from one to the next", () => {
    const { hub, tab } = attached({})
    expect(hub.stream().phase).toBe("confirming")
    hub.welcome()
    hub.confirm()
    expect(hub.stream().phase).toBe("recovering")
    hub.page([])
    expect(hub.stream().phase).toBe("live")
    hub.close()
    expect(hub.stream().phase).toBe("detached")
    hub.pass(500)
    hub.welcome()
    expect(hub.stream().phase).toBe("confirming")
    hub.reject()
    expect(hub.stream().phase).toBe("detached")
    expect(tab.heard().at(-1)).toBe("rejected")
  })

  it("is its channel in clear and its identifier as a digest, its place, its log, and what it holds", () => {
    const { hub } = attached({ after: ["10", "11"] })
    hub.welcome()
    hub.live("12")
    hub.confirm()
    hub.page(["13"])
    expect(hub.stream()).toEqual({
      identifier: expect.stringMatching(/^\w+-\w+$/),
      channel: "ChatChannel",
      phase: "live",
      cursor: { after: "13", seen: 2 },
      subscriptions: 1,
      log: { entries: 4, bytes: expect.any(Number), first: 0, next: 4 },
      held: 0,
      known: { pending: 0, seen: 2, behind: 0, taken: 0 },
    })
  })
})

describe("tabs that come from a dead hub a few messages apart", () => {
  const less = want({ start: { from: "position", position: { after: "10", seen: ["11"] } } })
  const more = want({ start: { from: "position", position: { after: "10", seen: ["11", "12"] } } })

  it.each([
    [less, more],
    [more, less],
  ])("share one request, whichever of them comes first (promise 2)", (one, other) => {
    const hub = new HubDriver()
    hub.attach({ wants: [one] })
    hub.attach({ wants: [other] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetches.map(({ after }) => after)).toEqual(["10"])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
  })
})

describe("a stream whose cable is lost", () => {
  it("does not come to life by a late answer to where a new position is", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.pass(2_000)
    hub.gone()
    hub.close()
    if (hub.fetches.length > 0) hub.page([], { cursor: "50" })
    expect(hub.stream().phase).toBe("detached")
    expect(tab.heard()).toEqual(["disconnected"])
  })

  it("goes on finding out where now is, and starts there with the next confirmation", () => {
    const { hub, tab } = attached({ after: "now" })
    hub.welcome()
    hub.confirm()
    hub.close()
    expect(hub.fetches).toHaveLength(1)
    hub.page([], { cursor: "50" })
    hub.pass(500)
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBe("50")
    expect(tab.heard()).toEqual(["connected", "disconnected", "start 50", "connected"])
  })

  it("tells it once", () => {
    const { hub, tab } = live()
    hub.close()
    hub.pass(500)
    hub.welcome()
    hub.close()
    expect(tab.heard()).toEqual(["disconnected"])
  })

  it("does not reconcile for a page that wakes", () => {
    const { hub, tab } = live()
    hub.pass(2_000)
    hub.page([])
    hub.pass(10_000)
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    tab.wake()
    expect(hub.fetches).toEqual([])
  })
})
