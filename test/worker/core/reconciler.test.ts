import { describe, expect, it } from "vitest"
import { HubDriver, URL, type AttachOptions } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

const OTHER = '{"channel":"OtherChannel"}'

/** Confirmed and caught up just now. */
function live(options: WantOptions = {}, attach: AttachOptions = {}) {
  const hub = new HubDriver()
  const tab = hub.attachLive(options, attach)
  return { hub, tab }
}

/** The same, with the reconcile that follows each confirmation behind it. */
function settled(options: WantOptions = {}, attach: AttachOptions = {}) {
  const { hub, tab } = live(options, attach)
  hub.pass(2_000)
  hub.page([])
  return { hub, tab }
}

function isQuietFor(hub: HubDriver, ms: number): void {
  hub.pass(ms)
  expect(hub.fetches).toEqual([])
}

describe("a reconcile", () => {
  it("comes 2 s after each confirmation: that proves little (promise)", () => {
    const { hub } = live()
    isQuietFor(hub, 1_999)
    hub.pass(1)
    expect(hub.fetch).toMatchObject({ after: "10", limit: 200 })
    hub.page([])
    hub.reconnect()
    hub.confirm()
    hub.page([])
    isQuietFor(hub, 1_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
    expect(hub.counters).toMatchObject({ reconciles: 2 })
  })

  it("comes then though a flood has brought one about before that", () => {
    const { hub } = live({ settings: { settleFor: 1_000 } })
    for (let id = 11; id < 11 + 1_024; id++) hub.live(`${id}`)
    hub.pass(1_000)
    hub.page([])
    isQuietFor(hub, 999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("comes at once after a recovery that took longer than that", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.pass(3_000)
    hub.page([])
    hub.pass(0)
    expect(hub.fetches).toHaveLength(1)
  })

  it("comes after a run that is being asked by then: its question may have been too early", () => {
    const { hub, tab } = live()
    hub.pass(1_990)
    tab.leave()
    hub.attach({ wants: [want()] })
    hub.pass(10)
    expect(hub.fetches).toHaveLength(1)
    hub.page([])
    hub.pass(0)
    expect(hub.fetches).toHaveLength(1)
    hub.page([])
    isQuietFor(hub, 59_000)
  })

  it("comes 2 s after the confirmation also where nobody looks", () => {
    const { hub } = live({}, { visible: false })
    hub.pass(2_000)
    expect(hub.fetches).toHaveLength(1)
  })

  it("comes every reconcileEvery while a visible tab wants the stream (case 29)", () => {
    const { hub } = settled()
    for (let round = 0; round < 3; round++) {
      isQuietFor(hub, 59_999)
      hub.pass(1)
      expect(hub.fetch.after).toBe("10")
      hub.page([])
    }
  })

  it("comes as often as the application says", () => {
    const { hub } = settled({ settings: { reconcileEvery: 7_000 } })
    isQuietFor(hub, 6_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("does not come while nobody looks, and comes on time again once somebody does", () => {
    const { hub, tab } = settled({}, { visible: false })
    isQuietFor(hub, 300_000)
    tab.wake()
    expect(hub.fetches).toHaveLength(1)
    hub.page([])
    isQuietFor(hub, 59_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("does not come for a tab that looks at something else", () => {
    const { hub } = settled({}, { visible: false })
    hub.attach({ wants: [want({ identifier: '{"channel":"Other"}' })] })
    hub.pass(300_000)
    expect(hub.fetches).toEqual([])
  })

  it("comes for one visible tab among hidden ones", () => {
    const { hub } = settled({}, { visible: false })
    hub.attach({ wants: [want({ catchUp: null })] })
    hub.pass(60_000)
    expect(hub.fetches).toHaveLength(1)
  })

  it("does not come without a cable", () => {
    const { hub } = settled()
    hub.close()
    hub.silence(1)
    hub.pass(60_000)
    expect(hub.fetches).toEqual([])
  })

  it("comes on wake, at most once per settleFor", () => {
    const { hub, tab } = settled()
    hub.pass(2_999)
    tab.wake()
    expect(hub.fetches).toEqual([])
    hub.pass(2_001)
    tab.wake()
    expect(hub.fetches).toHaveLength(1)
    tab.wake()
    expect(hub.fetches).toHaveLength(1)
    hub.page([])
    tab.wake()
    expect(hub.fetches).toEqual([])
  })

  it("does not come on wake where nobody catches up", () => {
    const { hub, tab } = live({ catchUp: null })
    hub.pass(2_000)
    tab.wake()
    expect(hub.fetches).toEqual([])
  })

  it("does not come when a page goes out of sight", () => {
    const { hub, tab } = settled()
    hub.pass(10_000)
    tab.wake(false)
    expect(hub.fetches).toEqual([])
  })

  it("holds nothing back: live messages flow beside it", () => {
    const { hub, tab } = live()
    hub.pass(2_000)
    hub.live("11")
    expect(tab.heard()).toEqual(["live 11"])
  })

  it("tells its news to everybody, in the log", () => {
    const { hub, tab } = settled()
    const plain = hub.attach({ wants: [want({ catchUp: null })] })
    hub.live("12")
    hub.pass(60_000)
    hub.page(["11", "12"])
    expect(tab.heard()).toEqual(["live 12", "page 11"])
    expect(plain.heard().at(-1)).toBe("page 11")
  })

  it("moves the position, so that what was seen need not be remembered", () => {
    const { hub } = settled()
    hub.live("11")
    hub.live("12")
    hub.pass(60_000)
    hub.page(["11", "12"])
    expect(hub.stream().cursor).toEqual({ after: "12", seen: 0 })
  })

  it("drops what the endpoint does not know (engine rule 4)", () => {
    const { hub } = settled()
    hub.live("typing-1")
    hub.pass(60_000)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
    hub.page([])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("that meets 410 tells a gap, and the stream goes on from its new place", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.gone()
    hub.page([], { cursor: "90" })
    expect(tab.heard()).toEqual(["page", "gap history-unavailable"])
    expect(hub.stream()).toMatchObject({ phase: "live", cursor: { after: "90", seen: 0 } })
  })

  it("that meets 410 is not followed by another one before it is known where to go on", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.gone()
    hub.pass(10_000)
    tab.wake()
    hub.pass(60_000)
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
  })

  it("that is refused tells a gap once", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.refuse()
    hub.pass(300_000)
    expect(tab.heard()).toEqual(["gap unauthorized"])
    expect(hub.fetches).toEqual([])
  })

  it("that fails is asked again, and tells nobody", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.fail()
    hub.pass(1_000)
    hub.page(["11"])
    expect(tab.heard()).toEqual(["page 11"])
  })

  it("follows a recovery that took long, though no visible tab wants the stream", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], visible: false })
    hub.welcome()
    hub.confirm()
    hub.loaded(null)
    hub.pass(4_000)
    hub.page([])
    hub.pass(2_000)
    expect(hub.fetches).toHaveLength(1)
  })

  it("comes 2 s after the confirmation, and not before, though a tab wakes in between", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.pass(100)
    tab.wake()
    isQuietFor(hub, 1_899)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("is tried again with new credentials, whoever they were asked for", () => {
    const hub = new HubDriver()
    const wants = [want(), want({ subscription: 2, identifier: OTHER })]
    hub.attach({ wants, credentials: true })
    hub.welcome()
    for (const identifier of [CHAT, OTHER]) hub.confirm(identifier)
    for (const identifier of [CHAT, OTHER]) hub.loaded(null, identifier)
    const [chat, other] = hub.fetches.map(({ fetch }) => fetch)
    hub.answer({ type: "unauthorized" }, chat)
    hub.reply(null)
    hub.answer({ type: "unauthorized" }, hub.fetches.at(-1)?.fetch)
    hub.answer({ type: "unauthorized" }, other)
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    hub.pass(60_000)
    expect(hub.fetches).toHaveLength(2)
  })

  it("goes by the hub's own sight where messages have no time (engine rule 2)", () => {
    const { hub } = settled({ settings: { reconcileEvery: 7_000 } })
    hub.pass(3_000)
    hub.live("11", { created_at: null })
    hub.pass(4_000)
    hub.page([{ id: "11" }])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
    hub.pass(7_000)
    hub.page([{ id: "11" }])
    expect(hub.stream().cursor).toEqual({ after: "11", seen: 0 })
  })

  it("keeps what the endpoint returned, though it may not be covered yet (engine rule 4)", () => {
    const { hub } = settled()
    hub.live("11")
    hub.pass(60_000)
    hub.page([hub.message("9", 0)], { more: true })
    hub.page(["11"])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 2 })
    hub.pass(60_000)
    hub.page([])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("whose page the log lost before anybody took it is tried again after settleFor", () => {
    const { hub, tab } = settled()
    tab.isFrozen = true
    hub.live("first")
    hub.pass(60_000)
    hub.page(["11"])
    for (let id = 0; id < 1_500; id++) hub.live(`m${id}`)
    expect(hub.counters).toMatchObject({ recoveriesBroken: 1 })
    isQuietFor(hub, 4_999)
    hub.pass(1)
    expect(hub.fetch.after).toBe("10")
  })

  it("whose page nobody takes does not keep the next one from coming", () => {
    const { hub, tab } = settled()
    tab.isFrozen = true
    hub.live("first")
    hub.pass(60_000)
    hub.page(["11"])
    isQuietFor(hub, 59_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("is not begun anew by a page that wakes: a slow endpoint would never answer", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.pass(10_000)
    tab.wake()
    expect(hub.drain("abort")).toEqual([])
  })

  it("does not come twice at once", () => {
    const { hub, tab } = settled()
    hub.pass(60_000)
    hub.pass(60_000)
    tab.wake()
    expect(hub.fetches).toHaveLength(1)
  })
})

describe("when seen fills up (engine rule 4)", () => {
  const fill = (hub: HubDriver, count: number, name = "m") => {
    for (let id = 0; id < count; id++) hub.live(`${name}${id}`)
  }

  it("a reconcile comes with 1,024 ids, and not with 1,023", () => {
    const { hub } = settled()
    fill(hub, 1_023)
    isQuietFor(hub, 10_000)
    hub.live("last")
    hub.pass(0)
    expect(hub.fetch.after).toBe("10")
  })

  it("a reconcile does not come before the oldest of them has settled: no page could cover it", () => {
    const { hub } = settled()
    hub.pass(10_000)
    fill(hub, 1_024)
    isQuietFor(hub, 4_999)
    hub.pass(1)
    expect(hub.fetch.after).toBe("10")
  })

  it("the reconcile that follows a confirmation comes no later for it", () => {
    const { hub } = live()
    fill(hub, 1_024)
    isQuietFor(hub, 1_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("a reconcile comes once per settleFor at most", () => {
    const { hub } = settled()
    fill(hub, 1_024)
    isQuietFor(hub, 4_999)
    hub.pass(1)
    hub.page([])
    fill(hub, 10, "n")
    isQuietFor(hub, 4_999)
    hub.pass(1)
    expect(hub.fetches).toHaveLength(1)
  })

  it("the oldest leave at 2,048, counted; `after` stays, so nothing is lost", () => {
    const { hub } = settled()
    hub.pass(10_000)
    fill(hub, 2_050)
    hub.pass(8)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 2_048 })
    expect(hub.counters).toMatchObject({ seenDropped: 2 })
  })

  it("a reconcile comes though no visible tab wants the stream", () => {
    const hub = new HubDriver()
    hub.attachLive({}, { visible: false })
    hub.pass(2_000)
    hub.page([])
    for (let id = 0; id < 1_024; id++) hub.live(`m${id}`)
    hub.pass(5_000)
    expect(hub.fetches).toHaveLength(1)
  })
})

describe("a stream that nobody catches up on any more", () => {
  it("reconciles again for the next subscription that does", () => {
    const { hub, tab } = settled()
    hub.pass(59_500)
    tab.unsubscribe()
    hub.pass(900)
    tab.subscribe({})
    hub.page([])
    hub.pass(60_000)
    expect(hub.fetches).toHaveLength(1)
  })
})
