import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

/** A stream that has just been confirmed: its first request is open. */
function recovering(options: WantOptions = {}, { frozen = false } = {}) {
  const hub = new HubDriver()
  const tab = hub.attach({ wants: [want(options)] })
  hub.welcome()
  tab.isFrozen = frozen
  hub.confirm()
  hub.loaded(null)
  if (frozen) tab.take()
  return { hub, tab }
}

describe("what is missing", () => {
  it("is asked for after the confirmation, and not before", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    expect(hub.fetches).toEqual([])
    hub.confirm()
    expect(hub.fetch.after).toBe("10")
  })

  it("is asked for from the beginning where the page was empty (engine rule 12)", () => {
    const { hub } = recovering({ after: null })
    expect(hub.fetch.after).toBeNull()
    const other = recovering({ after: [] })
    expect(other.hub.fetch.after).toBeNull()
  })

  it("is asked for once per reconnect, for all tabs together (promise 2)", () => {
    const hub = new HubDriver()
    for (let tab = 0; tab < 5; tab++) hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetches).toHaveLength(1)
    hub.page(["11"])
    for (const tab of hub.tabs.values()) expect(tab.heard()).toEqual(["connected", "page 11", "caught-up"])
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch.after).toBe("11")
  })
})

describe("a caught-up page", () => {
  it("moves the position once a tab has taken it, and not before (engine rule 2)", () => {
    const { hub, tab } = recovering({}, { frozen: true })
    hub.page(["11", "12"])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
    tab.take()
    expect(hub.stream().cursor).toEqual({ after: "12", seen: 0 })
  })

  it("moves it when any tab has taken it (engine rule 3)", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], frozen: true })
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.page(["11", "12"])
    expect(hub.stream().cursor).toEqual({ after: "12", seen: 0 })
  })

  it("moves it to the newest settled message; those after it are seen", () => {
    const { hub } = recovering()
    hub.pass(10_000 - hub.now)
    hub.page(["11", hub.message("12", 60_000), hub.message("13", 0)])
    expect(hub.stream().cursor).toEqual({ after: "12", seen: 1 })
  })

  it("lets a row be missed that commits below it later than settleFor and does not come live, unless the endpoint repeats that far back (engine rule 5)", () => {
    const { hub, tab } = recovering()
    hub.pass(10_000 - hub.now)
    hub.page([hub.message("12", 60_000)])
    hub.pass(2_000)
    expect(hub.fetch.after).toBe("12") // 11 has committed meanwhile, and an endpoint that repeats nothing leaves it out
    hub.page([hub.message("11", 62_000), hub.message("12", 62_000)])
    expect(tab.heard()).toEqual(["connected", "page 12", "caught-up", "page 11 12"])
  })

  it("is followed by the next one once a tab has taken it: one page at a time (engine rule 6)", () => {
    const { hub, tab } = recovering({}, { frozen: true })
    hub.page(["11"], { more: true })
    expect(hub.fetches).toEqual([])
    tab.take()
    expect(hub.fetch.after).toBe("11")
    hub.page(["12"], { more: true })
    expect(hub.fetches).toEqual([])
    tab.take()
    expect(hub.fetch.after).toBe("12")
    hub.page([])
    tab.thaw()
    expect(tab.heard()).toEqual(["connected", "page 11", "page 12", "caught-up"])
  })

  it("is followed by the one after its last item, though the position stands before it (engine rule 6)", () => {
    const { hub } = recovering()
    hub.page([hub.message("11", 0), hub.message("12", 0)], { more: true })
    expect(hub.fetch.after).toBe("12")
  })

  it("leaves out what the hub had already seen, and names it all the same (engine rule 7)", () => {
    const { hub, tab } = recovering({ after: ["10", "11", "13"] })
    hub.page(["11", "12", "13", "14"])
    const [, page] = tab.wire()
    const item = (id: string) => [id, expect.any(Number), expect.objectContaining({ id })]
    expect(page).toEqual(["page", ["11", "12", "13", "14"], [item("12"), item("14")]])
  })

  it("need not reach anybody if it has no news and moves nothing", () => {
    const { hub, tab } = recovering()
    hub.page([])
    expect(tab.heard()).toEqual(["connected", "caught-up"])
    expect(hub.counters).toMatchObject({ recoveriesComplete: 1 })
  })

  it("reaches everybody if it moves the position, news or not: no reader passes that unnoticed (engine rule 10)", () => {
    const { hub, tab } = recovering({ after: ["10", "11"] })
    hub.page(["11"])
    expect(tab.heard()).toEqual(["connected", "page", "caught-up"])
    expect(tab.after()).toBe("11")
  })

  it("that the log lost before a tab took it is asked for again", () => {
    const { hub, tab } = recovering({ settings: { holdFor: 0 } }, { frozen: true })
    hub.pass(0)
    hub.page(["11"])
    for (let id = 0; id < 1_500; id++) hub.live(`m${id}`)
    expect(hub.fetch.after).toBe("10")
    hub.page(["11"])
    tab.thaw()
    expect(hub.counters).toMatchObject({ recoveriesBroken: 1 })
  })
})

describe("a recovery without an end", () => {
  it("begins anew from the position when the cable is lost in it (case 16)", () => {
    const { hub } = recovering()
    hub.page(["11"], { more: true })
    expect(hub.fetch.after).toBe("11")
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch.after).toBe("11")
  })

  it("begins anew from where it began when nobody had taken its page", () => {
    const { hub } = recovering({}, { frozen: true })
    hub.page(["11"], { more: true })
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch.after).toBe("10")
  })
})

/** A frozen tab has page 11 of a recovery that ended with its cable; the next one is asking. */
function frozenWithOldPage() {
  const { hub, tab } = recovering({}, { frozen: true })
  hub.page(["11"], { more: true })
  hub.reconnect()
  hub.confirm()
  return { hub, tab }
}

describe("a page of a recovery that ended before anybody had taken it", () => {
  it("is seen by who takes it, and moves nothing", () => {
    const { hub, tab } = frozenWithOldPage()
    tab.take()
    expect(hub.fetch.after).toBe("10")
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
  })

  it("does not stand for the page of the next one", () => {
    const { hub, tab } = frozenWithOldPage()
    hub.page(["11", "12"], { more: true })
    tab.take()
    expect(hub.fetches).toEqual([])
    tab.take()
    expect(hub.fetch.after).toBe("12")
  })

  it("lets that count as taken once a replay that covers it has been taken", () => {
    const { hub, tab } = frozenWithOldPage()
    hub.page(["11", "12"])
    tab.take()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "10", "11", "12"])
    expect(hub.stream().phase).toBe("live")
  })

  it("may leave the log while the next one is asking", () => {
    const { hub } = frozenWithOldPage()
    for (let id = 0; id < 1_000; id++) hub.live(`m${id}`)
    expect(hub.fetch.after).toBe("10")
  })

  it("may leave the log while the next one waits for its page to be taken", () => {
    const { hub } = frozenWithOldPage()
    hub.page(["11", "12"])
    for (let id = 0; id < 1_000; id++) hub.live(`m${id}`)
    expect(hub.fetches).toEqual([])
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "10", "11", "12"])
    expect(hub.stream().phase).toBe("live")
  })
})

describe("an answer that will not change: 404, 410, 422 (promise: failures)", () => {
  it("is a gap; the endpoint says where to go on, and live messages follow", () => {
    const { hub, tab } = recovering()
    hub.live("51")
    hub.gone()
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
    expect(tab.heard()).toEqual(["connected"])
    hub.page([], { cursor: "50" })
    expect(tab.heard()).toEqual(["page", "gap history-unavailable", "live 51"])
    expect(tab.after()).toBe("50")
    expect(hub.stream()).toMatchObject({ phase: "live", cursor: { after: "50", seen: 1 } })
  })

  it("is written down as the new place", () => {
    const { hub } = recovering()
    hub.gone()
    hub.page([], { cursor: "50" })
    hub.pass(50)
    expect(hub.saved().at(-1)?.position).toEqual({ after: "50", seen: [] })
  })

  it("in the middle keeps what was had before it", () => {
    const { hub, tab } = recovering()
    hub.page(["11"], { more: true })
    hub.gone()
    hub.page([], { cursor: null })
    expect(tab.heard()).toEqual(["connected", "page 11", "page", "gap history-unavailable"])
    expect(tab.after()).toBeNull()
  })

  it("and no answer to where now is: the place is kept, and the next reconcile may find what came since", () => {
    const { hub, tab } = recovering()
    hub.gone()
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "gap history-unavailable"])
    hub.live("51")
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
    hub.pass(2_000)
    hub.page(["11", "51"])
    expect(tab.heard()).toEqual(["live 51", "page 11"])
  })

  it("from an endpoint that does not say where now is: the first live message is the place (engine rule 21)", () => {
    const { hub, tab } = recovering()
    hub.gone()
    hub.page([])
    expect(tab.heard()).toEqual(["connected", "page", "gap history-unavailable"])
    expect(hub.stream().cursor).toEqual({ seen: 0 })
    hub.live("51")
    expect(hub.stream().cursor).toEqual({ after: "51", seen: 0 })
    expect(tab.heard()).toEqual(["live 51", "start 51"])
    expect(tab.after()).toBe("51")
  })

  it("nor where it stood to be found out: the first live message is the place also there", () => {
    const { hub } = recovering({ after: "now" })
    hub.page([], { cursor: "50" })
    hub.gone()
    hub.page([])
    hub.live("60")
    expect(hub.stream().cursor).toEqual({ after: "60", seen: 0 })
  })

  it("and no word of where now is: the stream goes on from where another subscription stands, if any does", () => {
    const { hub } = recovering()
    hub.attach({ wants: [want({ catchUp: null })] })
    hub.attach({ wants: [want({ after: "now" })] })
    hub.attach({ wants: [want({ after: "5" })] })
    const [own, , other] = hub.fetches
    hub.answer({ type: "unauthorized" }, other?.fetch)
    hub.answer({ type: "gone" }, own?.fetch)
    const messages = { type: "page", messages: [], hasMore: false, cursor: undefined } as const
    hub.answer(messages, hub.fetches.at(-1)?.fetch)
    expect(hub.stream().cursor).toEqual({ after: "5", seen: 0 })
  })

  it("is no settled place where the endpoint calls it now: who has come past it by pages of their own asks again", () => {
    const { hub } = recovering()
    hub.gone()
    hub.page([], { cursor: "50" })
    hub.attach({ wants: [want({ after: "45" })] })
    hub.page(["46"])
    hub.pass(2_000)
    hub.page([])
    expect(hub.fetch.after).toBe("46")
  })

  it("and a live message that came before that, but is taken later, is no place: nobody has heard of the gap", () => {
    const { hub, tab } = recovering()
    hub.page(["11"])
    tab.isFrozen = true
    hub.live("12")
    hub.live("13")
    hub.pass(2_000)
    hub.gone()
    hub.page([])
    tab.take()
    expect(hub.stream().cursor).toEqual({ seen: 0 })
    tab.take()
    tab.isFrozen = false
    hub.live("51")
    expect(hub.stream().cursor).toEqual({ after: "51", seen: 0 })
    expect(tab.heard().slice(-4)).toEqual(["page", "gap history-unavailable", "live 51", "start 51"])
  })
})

describe("a place that is gone, where the endpoint does not say where now is,", () => {
  /** One tab has heard of the gap, and has not yet taken the live message that came after it. */
  function waiting() {
    const { hub, tab } = recovering()
    hub.gone()
    hub.page([])
    type(hub, 1)
    tab.isFrozen = true
    hub.live("51")
    return { hub, tab }
  }

  /** What has no id takes room in the log. */
  function type(hub: HubDriver, count: number): void {
    for (let sent = 0; sent < count; sent++) hub.frame({ identifier: CHAT, message: "typing" })
  }

  it("is not that of a page which comes meanwhile: the live message may be earlier", () => {
    const { hub, tab } = waiting()
    const other = hub.attach({ wants: [want({ after: "60" })] })
    hub.page(["61"])
    expect(other.heard()).toEqual(["connected", "page 61", "caught-up"])
    tab.thaw()
    expect(hub.stream().cursor).toMatchObject({ after: "51" })
  })

  it("is not that of a page which is shown before the gap is heard: it may show what is on its way", () => {
    const { hub, tab } = recovering({}, { frozen: true })
    hub.gone()
    hub.page([])
    hub.attach({ wants: [want({ after: "15" })] })
    hub.page([])
    expect(hub.stream().cursor).toEqual({ seen: 0 })
    hub.live("4")
    tab.thaw()
    expect(hub.stream().cursor).toMatchObject({ after: "4" })
  })

  it("is that of such a page once it has brought more: what it had shown is no longer ahead", () => {
    const { hub } = recovering({}, { frozen: true })
    hub.gone()
    hub.page([])
    hub.attach({ wants: [want({ after: "15" })] })
    hub.page(["16"])
    expect(hub.stream().cursor).toEqual({ after: "16", seen: 0 })
  })

  it("is that of a page which shows nothing: nothing on its way is before that", () => {
    const { hub } = recovering({}, { frozen: true })
    hub.gone()
    hub.page([])
    hub.attach({ wants: [want({ after: null })] })
    hub.page([])
    expect(hub.stream().cursor).toEqual({ after: null, seen: 0 })
  })

  it("is that of a page which came meanwhile once nobody goes on from the live message", () => {
    const { hub, tab } = waiting()
    hub.attach({ wants: [want({ after: "40" })] })
    tab.leave()
    hub.page([hub.message("41", 0)])
    expect(hub.stream().cursor).toMatchObject({ after: "40" })
    hub.live("52")
    expect(hub.stream().cursor).toMatchObject({ after: "40" })
  })

  it("is that of a page also where others neither catch up nor follow yet: they do not go on from the live message", () => {
    const { hub, tab } = waiting()
    hub.attach({ wants: [want({ after: "40" })] })
    hub.attach({ wants: [want({ catchUp: null })] })
    hub.attach({ wants: [want({ after: "now" })] })
    tab.leave()
    hub.page([hub.message("41", 0)])
    expect(hub.stream().cursor).toMatchObject({ after: "40" })
  })

  it("is not that of a live message if somebody stands elsewhere and nobody goes on from it", () => {
    const { hub, tab } = waiting()
    hub.attach({ wants: [want({ after: "40" })] })
    hub.page([hub.message("41", 0)])
    tab.leave()
    hub.live("52")
    expect(hub.stream().cursor).toMatchObject({ after: "40" })
  })

  it("is not told to somebody whose own place is gone too", () => {
    const { hub } = waiting()
    const other = hub.attach({ wants: [want({ after: "60" })] })
    hub.gone()
    expect(other.heard()).toEqual(["connected", "gap history-unavailable"])
  })

  it("may be before or after a page that has come meanwhile: who was given it asks again", () => {
    const { hub, tab } = waiting()
    hub.attach({ wants: [want({ after: "60" })] })
    hub.page(["61"])
    tab.thaw()
    hub.pass(2_000)
    hub.page([])
    expect(hub.fetch.after).toBe("61")
  })

  it("is not that of a page as long as the log still has the live message", () => {
    const { hub } = waiting()
    hub.attach({ wants: [want({ after: "60" })] })
    type(hub, 999)
    hub.page(["61"])
    expect(hub.stream().cursor).toEqual({ seen: 0 })
  })

  it("is that of a page, be it ahead, once the log has lost the live message: who was to take it hears of a gap", () => {
    const { hub } = waiting()
    hub.attach({ wants: [want({ after: "60" })] })
    type(hub, 1_000)
    hub.page([])
    expect(hub.stream().cursor).toEqual({ after: "60", seen: 0 })
  })

  it("is that of a page that is taken after the log has lost the live message: nobody need ask again", () => {
    const { hub } = waiting()
    hub.attach({ wants: [want({ after: "60" })] })
    type(hub, 1_000)
    hub.page(["61"])
    expect(hub.stream().cursor).toEqual({ after: "61", seen: 0 })
    hub.pass(2_000)
    hub.page([])
    expect(hub.fetches).toEqual([])
  })

  it("is that of somebody who stands elsewhere than there", () => {
    const { hub } = recovering()
    hub.attach({ wants: [want({ after: "40" })] })
    hub.gone()
    hub.answer({ type: "page", messages: [], hasMore: false, cursor: undefined }, hub.fetches.at(-1)?.fetch)
    expect(hub.stream().cursor.after).toBe("40")
  })

  it.each([511, 512, 513])(
    "is told with the gap, though a batch ends after %s messages: the hub may die before the next",
    count => {
      const { hub, tab } = recovering()
      hub.page(["11"])
      hub.pass(2_000)
      tab.isFrozen = true
      for (let id = 12; id < 12 + count; id++) hub.live(`${id}`)
      hub.gone()
      hub.page([], { cursor: "900" })
      while (tab.after() !== "900") tab.take()
      expect(tab.heard().at(-1)).toBe("gap history-unavailable")
    },
  )

  it("is that of the next page if the live message is lost with the tab that was to take it", () => {
    const { hub, tab } = waiting()
    tab.leave()
    hub.attach({ wants: [want({ after: "60" })] })
    expect(hub.stream().cursor).toEqual({ after: "60", seen: 0 })
  })
})

describe("401 and 403 (promise: failures)", () => {
  it("are a gap where nobody has credentials; the position is kept, and live messages follow", () => {
    const { hub, tab } = recovering()
    hub.live("11")
    hub.refuse()
    expect(tab.heard()).toEqual(["connected", "gap unauthorized", "live 11"])
    expect(hub.stream()).toMatchObject({ phase: "live", cursor: { after: "10", seen: 1 } })
  })

  it("are tried again after the next reconnect", () => {
    const { hub, tab } = recovering()
    hub.refuse()
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch.after).toBe("10")
    hub.page(["11"])
    expect(tab.heard().slice(-3)).toEqual(["connected", "page 11", "caught-up"])
  })

  it.each([
    ["a page", (hub: HubDriver) => hub.page(["6", "10"])],
    ["that its place is gone", (hub: HubDriver) => hub.gone()],
  ])("are asked again once somebody else was answered: %s", (_, answer) => {
    const { hub } = recovering()
    hub.refuse()
    hub.attach({ wants: [want({ after: "5" })] })
    answer(hub)
    hub.pass(60_000)
    expect(hub.fetch.after).toBe("10")
  })

  it("are forgotten with the cable: also a place that nobody knows is asked for again", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.refuse()
    tab.unsubscribe()
    tab.subscribe({ subscription: 2, after: "now" })
    hub.fail()
    hub.reconnect()
    hub.confirm()
    hub.fail()
    hub.pass(2_000)
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
  })

  it("are not asked again because somebody else was refused too", () => {
    const { hub } = recovering()
    hub.refuse()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.refuse()
    hub.pass(300_000)
    expect(hub.fetches).toEqual([])
  })

  it("are not asked again before that", () => {
    const { hub, tab } = recovering()
    hub.refuse()
    hub.pass(300_000)
    tab.wake()
    expect(hub.fetches).toEqual([])
    expect(hub.counters["reconciles"]).toBeUndefined()
  })
})

/** A frozen tab holds the first page of the stream: nobody has taken messages 11 and 12. */
function frozenWithPage() {
  const hub = new HubDriver()
  const frozen = hub.attach({ wants: [want()], frozen: true })
  hub.welcome()
  hub.confirm()
  hub.loaded(null)
  hub.page(["11", "12"])
  return { hub, frozen }
}

/** Somebody who starts at 5 takes pages up to 10. */
function replay(hub: HubDriver): void {
  hub.attach({ wants: [want({ after: "5" })] })
  const messages = ["6", "10"].map(id => hub.message(id, 3_600_000))
  hub.answer({ type: "page", messages, hasMore: false, cursor: undefined }, hub.fetches.at(-1)?.fetch)
}

describe("a page that nobody has taken moves nothing (engine rule 2)", () => {
  it("not even when a replay that covers it has been fetched, but not taken", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "5" })], frozen: true })
    hub.page(["6", "10", "11", "12"])
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("nor when a replay has been taken that was asked for before it came", () => {
    const ids = (name: string) => Array.from({ length: 300 }, (_, index) => `${name}${index}`)
    const hub = new HubDriver()
    hub.attachLive().isFrozen = true
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    tab.isFrozen = true
    hub.pass(2_000)
    const [own, reconcile] = hub.fetches
    for (const [name, fetch] of [
      ["m", own],
      ["n", reconcile],
    ] as const) {
      const messages = ids(name).map(id => hub.message(id, 3_600_000))
      hub.answer({ type: "page", messages, hasMore: false, cursor: undefined }, fetch?.fetch)
    }
    tab.take()
    expect(hub.stream().cursor.after).toBe("10")
    tab.take()
    expect(hub.stream().cursor.after).toBe("n299")
  })

  it("nor when a subscription that starts now joins behind it", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("nor when a subscription whose own start is gone joins behind it", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.gone()
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("and is asked again when only subscriptions that joined behind it are left", () => {
    const { hub, frozen } = frozenWithPage()
    const next = hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    frozen.leave()
    hub.pass(100)
    expect(hub.fetch).toMatchObject({ after: "10" })
    hub.page(["11", "12"])
    expect(next.heard()).toContain("page 11 12")
  })

  it("until a replay that covers it has been taken: then it counts as taken, and the recovery goes on", () => {
    const { hub } = frozenWithPage()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "10", "11", "12"])
    expect(hub.stream()).toMatchObject({ phase: "live", cursor: { after: "12", seen: 0 } })
    expect(tab.heard()).toEqual(["connected", "page 6 10 11 12", "caught-up", "caught-up"])
  })

  it("nor by a subscription without catchUp, which skips caught-up entries (engine rule 19)", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ catchUp: null })] })
    hub.live("13")
    hub.pass(10_000)
    hub.live("14")
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })
})

/** A frozen tab is to take live 11, and a subscription that starts now has come behind it. */
function passedBy() {
  const hub = new HubDriver()
  const gone = hub.attachLive()
  gone.isFrozen = true
  hub.live("11")
  const next = hub.attach({ wants: [want({ after: "now" })] })
  hub.page([], { cursor: "11" })
  next.heard()
  return { hub, gone, next }
}

describe("what a tab had not taken when it went is news to the next one (promise 3)", () => {
  it("a live message", () => {
    const hub = new HubDriver()
    const gone = hub.attachLive()
    gone.isFrozen = true
    hub.live("11")
    gone.leave()
    const next = hub.attach({ wants: [want()] })
    hub.page(["11"])
    expect(next.heard()).toEqual(["connected", "page 11", "caught-up"])
  })

  it("a caught-up page", () => {
    const { hub, frozen } = frozenWithPage()
    frozen.leave()
    const next = hub.attach({ wants: [want()] })
    hub.page(["11", "12"])
    expect(next.heard()).toEqual(["connected", "page 11 12", "caught-up"])
  })

  it("a caught-up page, also where somebody's own pages cover it afterwards", () => {
    const { hub, frozen } = frozenWithPage()
    const next = hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    frozen.leave()
    replay(hub)
    hub.page(["11", "12"])
    expect(next.heard()).toContain("page 11 12")
  })

  it("a caught-up page, also where that begins the stream anew beside somebody with pages of their own", () => {
    const { hub, frozen } = frozenWithPage()
    hub.attach({ wants: [want({ catchUp: null })] })
    frozen.leave()
    const next = hub.attach({ wants: [want()] })
    replay(hub)
    hub.page(["11", "12"])
    expect(next.heard()).toContain("page 11 12")
  })

  it("a caught-up page that others have taken more since", () => {
    const { hub, frozen } = frozenWithPage()
    const next = hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    hub.reconnect()
    hub.confirm()
    hub.page(["11", "12", "13"])
    next.heard()
    frozen.leave()
    hub.pass(2_000)
    hub.page(["11", "12"])
    expect(next.heard()).toEqual(["page 11 12"])
  })

  it("a live message, once: not again when the next tab leaves", () => {
    const { hub, gone, next } = passedBy()
    gone.leave()
    hub.pass(2_000)
    next.isFrozen = true
    hub.page(["11"])
    hub.attach({ wants: [want({ catchUp: null })] }).leave()
    hub.pass(60_000)
    hub.page(["11"])
    next.thaw()
    expect(next.heard()).toEqual(["page 11"])
  })

  it("a live message that a subscription which started now had passed by", () => {
    const { hub, gone, next } = passedBy()
    gone.leave()
    hub.pass(10_000)
    hub.page(["11"])
    expect(next.heard()).toEqual(["page 11"])
  })

  it("a live message that a subscription which started now had passed by, and has taken others since", () => {
    const { hub, gone, next } = passedBy()
    hub.live("12")
    next.heard()
    gone.leave()
    hub.pass(10_000)
    hub.page(["11", "12"])
    expect(next.heard()).toEqual(["page 11"])
  })

  it("a live message that the log lost before anybody took it", () => {
    const hub = new HubDriver()
    const frozen = hub.attachLive()
    const plain = hub.attach({ wants: [want({ catchUp: null })] })
    frozen.isFrozen = true
    for (let id = 0; id < 1_500; id++) hub.live(`m${id}`)
    hub.pass(2_000)
    plain.heard()
    hub.page(["m0", "m1499"])
    expect(plain.heard()).toEqual(["page m0"])
  })
})

describe("what a tab had not taken when it went is no news while another one is still to take it", () => {
  it("from the log", () => {
    const hub = new HubDriver()
    const gone = hub.attachLive()
    const tab = hub.attach({ wants: [want()] })
    hub.page([])
    tab.heard()
    for (const frozen of [gone, tab]) frozen.isFrozen = true
    hub.live("11")
    gone.leave()
    hub.pass(2_000)
    hub.page(["11"])
    tab.thaw()
    expect(tab.heard()).toEqual(["live 11"])
  })

  it("from the log, after pages of its own", () => {
    const hub = new HubDriver()
    const gone = hub.attachLive()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    gone.isFrozen = true
    hub.live("11")
    gone.leave()
    hub.pass(2_000)
    const [, reconcile] = hub.fetches
    const messages = [hub.message("11", 3_600_000)]
    hub.answer({ type: "page", messages, hasMore: false, cursor: undefined }, reconcile?.fetch)
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "page 6", "caught-up", "live 11"])
  })
})

describe("an endpoint that knows no place at all", () => {
  it("is not asked again at once each time that it says so", () => {
    const hub = new HubDriver()
    hub.attachLive()
    hub.pass(2_000)
    hub.gone()
    hub.page([], { cursor: "50" })
    hub.pass(1_000)
    if (hub.fetches.length > 0) hub.gone()
    if (hub.fetches.length > 0) hub.page([], { cursor: "50" })
    hub.pass(1_000)
    expect(hub.fetches).toEqual([])
  })
})

describe("a flood that is faster than pages", () => {
  /** Pages of a flood that goes on, one every 500 ms: each is full of what was created just now. */
  function flood(hub: HubDriver, { pages, size }: { pages: number; size: number }): void {
    for (let page = 0; page < pages; page++) {
      const items = Array.from({ length: size }, (_, n) => hub.message(`${hub.now} ${n}`, 0))
      hub.page(items, { more: true })
      hub.pass(500)
    }
  }

  it("does not make a run gather what is unsettled for as long as it lasts: it begins anew once that has settled", () => {
    const { hub } = recovering()
    flood(hub, { pages: 11, size: 200 })
    expect(hub.fetch.after).toBe("5000 199")
    flood(hub, { pages: 1, size: 200 })
    expect(hub.fetch.after).toBe("10")
    const settled = Array.from({ length: 200 }, (_, n) => hub.message(`0 ${n}`, 6_000))
    hub.page(settled, { more: true })
    expect(hub.stream().cursor).toMatchObject({ after: "0 199" })
  })

  it("lets it end where it comes to one, however much is unsettled then", () => {
    const { hub } = recovering()
    flood(hub, { pages: 11, size: 200 })
    hub.page(["last"])
    expect(hub.fetches).toEqual([])
    expect(hub.stream().phase).toBe("live")
  })

  it("lets it go on where a position can name all of it", () => {
    const { hub } = recovering()
    flood(hub, { pages: 20, size: 100 })
    expect(hub.fetch.after).toBe("9500 99")
  })

  /** Two tabs with pages of their own, where the stream has none to ask for. */
  function replaying() {
    const hub = new HubDriver()
    hub.attachLive()
    hub.pass(2_000)
    hub.page([])
    const [quick, slow] = [hub.attach({ wants: [want({ after: "5" })] }), hub.attach({ wants: [want({ after: "5" })] })]
    return { hub, quick, slow }
  }

  it("has who catches up alone begin anew, too", () => {
    const { hub, quick, slow } = replaying()
    hub.page(["6"], { more: true })
    flood(hub, { pages: 12, size: 200 })
    expect(hub.fetches.map(({ after }) => after)).toEqual(["6"])
    expect(hub.counters).toMatchObject({ replays: 2 })
    hub.page(["7"])
    for (const tab of [quick, slow]) expect(tab.heard().at(-1)).toBe("caught-up")
  })

  it("has those who have not taken their last page begin anew from where they are when they have", () => {
    const { hub, quick, slow } = replaying()
    flood(hub, { pages: 11, size: 200 })
    slow.isFrozen = true
    flood(hub, { pages: 1, size: 200 })
    expect(hub.fetches.map(({ after }) => after)).toEqual(["5"])
    slow.take()
    expect(hub.counters).toMatchObject({ replays: 2 })
    hub.page(["6"])
    for (const tab of [quick, slow]) expect(tab.heard().at(-1)).toBe("caught-up")
  })
})
