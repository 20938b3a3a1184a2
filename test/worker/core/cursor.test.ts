import { describe, expect, it } from "vitest"
import { rowKey } from "../../../shared/identity.ts"
import { SEEN_LIMIT } from "../../../shared/position.ts"
import type { Row } from "../../../worker/core/event.ts"
import { HubDriver } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

function row(after: string | null, seen: string[] = []): Row {
  return { v: 1, position: { after, seen }, epoch: 1, n: 1 }
}

/** A confirmed stream whose store has answered; its first request is open. */
function loaded(stored: Row | null, options: WantOptions = {}) {
  const hub = new HubDriver(7)
  const tab = hub.attach({ wants: [want(options)] })
  hub.welcome()
  hub.confirm()
  hub.loaded(stored)
  return { hub, tab }
}

describe("a row", () => {
  it("holds the position under a digest of the identifier, numbered by epoch and write (engine rule 14)", () => {
    const { hub } = loaded(null)
    hub.page(["11"])
    hub.live("12")
    hub.pass(50)
    expect(hub.drain("save")).toEqual([
      {
        type: "save",
        key: rowKey("rows", CHAT),
        row: { v: 1, position: { after: "10", seen: [] }, epoch: 7, n: 1 },
        over: null,
      },
      {
        type: "save",
        key: rowKey("rows", CHAT),
        row: { v: 1, position: { after: "11", seen: ["12"] }, epoch: 7, n: 2 },
        over: { v: 1, position: { after: "10", seen: [] }, epoch: 7, n: 1 },
      },
    ])
    expect(rowKey("rows", CHAT)).not.toContain("ChatChannel")
  })

  it("carries the new epoch once the hub has taken one", () => {
    const { hub } = loaded(null)
    hub.page([])
    hub.pass(100)
    hub.put({ type: "began", epoch: 9 })
    hub.live("11")
    expect(hub.saved().at(-1)).toMatchObject({ epoch: 9, n: 2 })
  })

  it("is numbered for all streams together", () => {
    const hub = new HubDriver()
    const other = '{"channel":"Other"}'
    hub.attach({ wants: [want(), want({ subscription: 2, identifier: other })] })
    hub.loaded(null)
    hub.loaded(null, other)
    expect(hub.saved().map(({ n }) => n)).toEqual([1, 2])
  })
})

describe("a row of another hub that has no common mutex (engine rule 14)", () => {
  const foreign: Row = { v: 1, position: { after: "20", seen: [] }, epoch: 9, n: 4 }

  /** A write was not made, because of what another hub has written. */
  function refused() {
    const { hub, tab } = loaded(null)
    hub.page(["11"])
    hub.pass(50)
    hub.drain("save")
    hub.put({ type: "refused", key: rowKey("rows", CHAT), row: foreign })
    return { hub, tab }
  }

  it("stays while this hub knows less", () => {
    const { hub } = refused()
    hub.live("12")
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })

  it("is replaced once a run has come to the end: its place is behind", () => {
    const { hub } = refused()
    hub.pass(2_000)
    hub.page(["20", "21"])
    hub.pass(50)
    expect(hub.drain("save")[0]).toMatchObject({ row: { position: { after: "21" }, epoch: 7 }, over: foreign })
  })

  it("is replaced at once by a hub that stands where it does", () => {
    const { hub } = loaded(null)
    hub.page(["20"])
    hub.pass(50)
    hub.live("21")
    hub.pass(50)
    hub.drain("save")
    hub.put({ type: "refused", key: rowKey("rows", CHAT), row: foreign })
    hub.pass(50)
    expect(hub.drain("save")).toMatchObject([{ row: { position: { after: "20", seen: ["21"] } }, over: foreign }])
  })

  it("is no concern of a stream that has begun anew meanwhile, or of one that is gone", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.put({ type: "refused", key: rowKey("rows", CHAT), row: foreign })
    hub.put({ type: "refused", key: rowKey("rows", '{"channel":"Gone"}'), row: foreign })
    hub.loaded(null)
    expect(hub.saved()).toMatchObject([{ position: { after: "10" } }])
  })
})

describe("writing", () => {
  it("happens once more when the hub gives way to another: nothing that was taken is left out", () => {
    const { hub } = loaded(null)
    hub.page([])
    hub.pass(100)
    hub.live("11")
    hub.live("12")
    hub.drain("save")
    hub.put({ type: "ended" })
    expect(hub.saved()).toMatchObject([{ position: { after: "10", seen: ["11", "12"] } }])
  })

  it("does not happen for a log-out", () => {
    const { hub } = loaded(null)
    hub.page([])
    hub.pass(100)
    hub.live("11")
    hub.live("12")
    hub.drain("save")
    hub.put({ type: "forget" })
    expect(hub.saved()).toEqual([])
  })

  it("waits for the store's first answer (engine rule 15)", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.page(["11"])
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
    hub.loaded(null)
    expect(hub.saved()).toMatchObject([{ position: { after: "11" } }])
  })

  it("goes on in memory when the store fails: delivery does not depend on it (case 13)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.loaded("failed")
    hub.page(["11"])
    expect(tab.heard()).toEqual(["connected", "page 11", "caught-up"])
    hub.pass(50)
    expect(hub.saved().at(-1)).toMatchObject({ position: { after: "11" } })
  })

  it("waits for the end of the pages when the store could not say what it holds: that may be ahead", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.loaded("failed")
    hub.page(["11"], { more: true })
    hub.live("20")
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
    hub.page(["12"])
    expect(hub.drain("save")).toMatchObject([{ row: { position: { after: "12" } }, over: null }])
  })

  it("waits for it also where the stream begins anew, whatever this hub has written before", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.unsubscribe()
    tab.subscribe({ subscription: 2, after: "now" })
    hub.fail()
    hub.saved()
    hub.attach({ wants: [want({ after: "5" })] })
    tab.unsubscribe(2)
    hub.page(["6"])
    hub.pass(10_000)
    hub.page(["6"])
    expect(hub.saved()).toEqual([])
    hub.loaded(null)
    expect(hub.saved()).toMatchObject([{ position: { after: "6" } }])
  })

  it("happens at once, and then every 50 ms at most", () => {
    const { hub } = loaded(null)
    hub.page([])
    hub.pass(100)
    hub.saved()
    hub.live("11")
    expect(hub.saved()).toMatchObject([{ position: { seen: ["11"] } }])
    hub.live("12")
    hub.live("13")
    hub.pass(49)
    expect(hub.saved()).toEqual([])
    hub.pass(1)
    expect(hub.saved()).toMatchObject([{ position: { seen: ["11", "12", "13"] } }])
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })

  it("does not happen for what another tab has taken before", () => {
    const { hub } = loaded(null)
    hub.page([])
    const slow = hub.attach({ wants: [want()] })
    hub.page([])
    slow.isFrozen = true
    hub.live("11")
    hub.pass(100)
    hub.saved()
    slow.thaw()
    hub.pass(100)
    expect(hub.saved()).toEqual([])
  })

  it("does not happen for what nobody has taken (promise 6)", () => {
    const { hub, tab } = loaded(null)
    hub.page([])
    hub.pass(100)
    hub.saved()
    tab.isFrozen = true
    hub.live("11")
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })

  it("does not happen while the place is unknown", () => {
    const { hub } = loaded(null, { after: "now" })
    hub.fail()
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
    hub.live("51")
    expect(hub.saved()).toMatchObject([{ position: { after: "51", seen: [] } }])
  })

  it("does not happen for subscriptions without catchUp", () => {
    const { hub } = loaded(null, { catchUp: null })
    hub.live("11")
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })
})

describe("a row, which never moves backwards (promise 6),", () => {
  it("stays while the stream starts behind it, until the pages from there have come to their end", () => {
    const { hub } = loaded(row("20"))
    hub.page(["11", "12"], { more: true })
    hub.page(["20", "21"], { more: true })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.page(["22"])
    expect(hub.saved()).toMatchObject([{ position: { after: "22" } }])
  })

  it("stays until the pages have come to their end, if its place no longer exists", () => {
    const { hub } = loaded(row("20"))
    hub.page(["11"], { more: true })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.page(["30"])
    expect(hub.saved()).toMatchObject([{ position: { after: "30" } }])
  })

  it("stays while the pages bring more young messages than a position can name: the row covers some that it does not", () => {
    const { hub } = loaded(row("20"))
    const ids = Array.from({ length: SEEN_LIMIT + 1 }, (_, index) => `${index + 11}`)
    hub.page(ids.map(id => hub.message(id, 0)))
    hub.pass(4_000)
    expect(hub.saved()).toEqual([])
    hub.pass(6_000)
    hub.page(ids)
    expect(hub.saved()).toMatchObject([{ position: { after: ids.at(-1) } }])
  })

  it("is written from a place that a live message gave the stream only when nobody stands before it any more", () => {
    const { hub, tab } = loaded(null, { after: "now" })
    hub.page([])
    tab.isFrozen = true
    hub.live("51")
    hub.attach({ wants: [want({ after: null })] })
    hub.page([hub.message("11", 0)])
    tab.thaw()
    expect(hub.stream().cursor).toMatchObject({ after: "51" })
    hub.pass(2_000)
    hub.page([])
    hub.page(["11", "12", "51"])
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
    hub.pass(60_000)
    hub.page([])
    expect(hub.saved()).toMatchObject([{ position: { after: "51" } }])
  })

  it.each([
    ["has yet to be given", false],
    ["has been given, and has not taken,", true],
  ])("is not written from there while somebody %s pages from before it", (_, isGiven) => {
    const { hub, tab } = loaded(null, { after: "now" })
    hub.page([])
    tab.isFrozen = true
    hub.live("51")
    hub.attach({ wants: [want({ after: null })], frozen: true })
    if (isGiven) hub.page(["11"])
    tab.thaw()
    hub.pass(2_000)
    hub.answer({ type: "page", messages: [], hasMore: false, cursor: undefined }, hub.fetches.at(-1)?.fetch)
    hub.pass(1_000)
    expect(hub.stream().cursor).toMatchObject({ after: "51" })
    expect(hub.saved()).toEqual([])
  })

  it("stays away for as long, though the store has answered only then", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    tab.isFrozen = true
    hub.live("51")
    hub.attach({ wants: [want({ after: "40" })] })
    tab.thaw()
    hub.loaded(null)
    hub.pass(100)
    expect(hub.stream().cursor).toMatchObject({ after: "51" })
    expect(hub.saved()).toEqual([])
  })

  it("stays when no page comes at all", () => {
    const { hub } = loaded(row("20"))
    hub.refuse()
    hub.live("11")
    hub.pass(10_000)
    expect(hub.saved()).toEqual([])
  })

  it("moves at once from the same place", () => {
    const { hub } = loaded(row("10"))
    expect(hub.saved()).toMatchObject([{ position: { after: "10" } }])
  })

  it("stays while less is known beside its own place than it has seen", () => {
    const { hub } = loaded(row("10", ["12"]))
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.page(["12"])
    expect(hub.saved()).toMatchObject([{ position: { after: "12" } }])
  })

  it("moves at once from the beginning of time", () => {
    const { hub } = loaded(row(null))
    expect(hub.saved()).toMatchObject([{ position: { after: "10" } }])
  })

  it("stays when the stream starts from the beginning", () => {
    const { hub } = loaded(row("20"), { after: null })
    expect(hub.saved()).toEqual([])
  })

  it("is compared anew when the stream begins anew with another subscription", () => {
    const { hub, tab } = loaded(null)
    hub.page([])
    hub.pass(100)
    tab.unsubscribe()
    tab.subscribe({ after: "5" })
    hub.saved()
    expect(hub.drain("load")).toHaveLength(2)
    hub.page(["6"], { more: true })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.loaded(row("10"))
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.page(["10", "11"])
    expect(hub.saved()).toMatchObject([{ position: { after: "11" } }])
  })

  it("stays where it claims something beside the beginning of time that the stream does not know", () => {
    const { hub } = loaded(row(null, ["12"]), { after: null })
    expect(hub.saved()).toEqual([])
    hub.page(["11", "12"])
    expect(hub.saved()).toMatchObject([{ position: { after: "12" } }])
  })

  it("is the store's first word: another answer that comes later changes nothing", () => {
    const { hub } = loaded(null)
    hub.page([])
    hub.loaded(row("99"))
    hub.pass(100)
    hub.saved()
    hub.live("11")
    expect(hub.saved()).toMatchObject([{ position: { after: "10", seen: ["11"] } }])
  })

  const ahead = want({ start: { from: "position", position: { after: "12", seen: [] } } })
  const behind = want({ start: { from: "rendered", position: { after: "10", seen: ["11", "12"] } } })

  it.each([
    ["as it was stored", row("12")],
    ["as this hub has written it", null],
  ])("stays %s when a tab joins that stands before it, until the pages have come to their end", (_, stored) => {
    const hub = new HubDriver()
    hub.attach({ wants: [ahead] })
    hub.loaded(stored)
    hub.pass(100)
    expect(hub.saved()).toMatchObject([{ position: { after: "12" } }])
    hub.attach({ wants: [behind] })
    hub.welcome()
    hub.confirm()
    hub.page(["11"], { more: true })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
    hub.page(["12", "13"])
    expect(hub.saved()).toMatchObject([{ position: { after: "13" } }])
  })

  it("stays when the pages have come to their end, but wait in the log for a tab that may never take them", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: null })], frozen: true })
    hub.loaded(row("12"))
    hub.welcome()
    hub.confirm()
    hub.page(["11", "12"])
    hub.reconnect()
    hub.confirm()
    hub.page(["11", "12"])
    hub.pass(100)
    expect(hub.saved()).toEqual([])
  })

  it("is written when the pages have come to their end, and what waited in the log then has been taken", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], frozen: true })
    hub.loaded(row("20"))
    hub.welcome()
    hub.confirm()
    hub.page([hub.message("11", 0)], { more: true })
    hub.reconnect()
    hub.confirm()
    hub.page([hub.message("11", 0)], { more: true })
    tab.thaw()
    expect(hub.saved()).toEqual([])
    hub.page([hub.message("12", 0)])
    expect(hub.saved()).toMatchObject([{ position: { after: "10", seen: ["11", "12"] } }])
  })

  it("is written from then on when a tab joins that stands before a place that the store does not know", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [ahead] })
    hub.attach({ wants: [behind] })
    hub.loaded(null)
    expect(hub.saved()).toMatchObject([{ position: { after: "10", seen: ["12"] } }])
  })
})

describe("a crash at any instant (case 14)", () => {
  it("between delivery and write leaves the row behind: the message comes again, and the tab drops it", () => {
    const { hub, tab } = loaded(null)
    hub.page([])
    hub.pass(100)
    const stored = hub.saved().at(-1) ?? null
    tab.isFrozen = true
    hub.live("11")
    const next = new HubDriver(8)
    const again = next.attach({ wants: [want({ after: "cursor" })] })
    next.loaded(stored)
    next.welcome()
    next.confirm()
    next.page(["11"])
    expect(again.heard()).toContain("page 11")
  })
})

describe("a hub without the mutex writes no rows", () => {
  it.each(["ended", "forget"] as const)("not even when a batch is taken after %s", type => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("11")
    hub.pass(100)
    hub.saved()
    hub.put({ type })
    tab.thaw()
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })

  it("while it is standby, though a tab joins that stands before the stream", () => {
    const hub = new HubDriver(null)
    const position = { after: "10", seen: ["11"] }
    hub.attach({ wants: [want({ start: { from: "position", position: { ...position, seen: ["11", "12"] } } })] })
    hub.loaded(null)
    hub.attach({ wants: [want({ start: { from: "position", position } })] })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
  })

  it("while it is standby, though the endpoint says where now is", () => {
    const hub = new HubDriver(null)
    hub.attach({ wants: [want({ after: "now" })] })
    hub.loaded(null)
    hub.page([], { cursor: "50" })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
  })

  it("and writes what it learned before as soon as it has it", () => {
    const hub = new HubDriver(null)
    hub.attach({ wants: [want({ after: "now" })] })
    hub.loaded(null)
    hub.page([], { cursor: "50" })
    hub.put({ type: "began", epoch: 4 })
    expect(hub.saved()).toEqual([{ v: 1, position: { after: "50", seen: [] }, epoch: 4, n: 1 }])
  })
})
