import { describe, expect, it } from "vitest"
import { Ledger, WINDOW_LIMIT } from "../../client/ledger.ts"
import type { Start } from "../../shared/bridge.ts"
import type { WireEntry } from "../../shared/entry.ts"
import { rendered } from "../../shared/position.ts"

const NOW: Start = { from: "now" }
const FROM_THE_BEGINNING: Start = { from: "rendered", position: { after: null, seen: [] } }

/** A ledger and what it told, callbacks as `[name, …arguments]`. */
function open(start: Start = NOW, { catchUp = true } = {}) {
  const told: unknown[][] = []
  const ledger = new Ledger(start, catchUp, (name, ...args) => void told.push([name, ...args]))
  return {
    ledger,
    told,
    take: (...entries: WireEntry[]) => entries.forEach(entry => ledger.take(entry)),
    /** Ids given to `received`, in order. */
    given: () => told.filter(([name]) => name === "received").map(([, message]) => message),
    /** Ids given, each with the id before which it belongs. */
    placed: () =>
      told
        .filter(([name]) => name === "received")
        .map(([, message, delivery]) => [message, (delivery as { late?: { before: string } }).late?.before]),
    caughtUp: () => told.filter(([name]) => name === "caughtUp").map(([, report]) => report),
  }
}

/** Messages are their own ids here. */
const live = (id: string | number, at: number | null = null): WireEntry => ["live", String(id), at, String(id)]
const ephemeral = (message: unknown): WireEntry => ["live", null, null, message]
const page = (ids: (string | number)[], items = ids, at: number | null = null): WireEntry => [
  "page",
  ids.map(String),
  items.map(id => [String(id), at, String(id)]),
]

describe("repeats", () => {
  it("drops a live message that a page has brought, and the other way round", () => {
    const { take, given } = open()
    take(page([1, 2]), live(2), live(3), page([3, 4]))
    expect(given()).toEqual(["1", "2", "3", "4"])
  })

  it("drops what the page rendered, including the id that the endpoint is asked after", () => {
    const { take, given } = open({ from: "rendered", position: rendered(["8", "9", "10"]) })
    take(live(9), page([8, 9, 10, 11]))
    expect(given()).toEqual(["11"])
  })

  it("drops what a page returns from before the place where the subscription began", () => {
    const { take, given } = open({ from: "rendered", position: rendered(["10"]) })
    take(page([8, 9, 10, 11]), page([9, 10, 11, 12], [9, 12]))
    expect(given()).toEqual(["11", "12"])
  })

  it("gives a row that committed late between the rendered ones", () => {
    const { take, given } = open({ from: "rendered", position: rendered(["8", "10"]) })
    take(page([7, 8, 9, 10, 11]))
    expect(given()).toEqual(["9", "11"])
  })

  it("places what comes from before the rendered messages, though a live message is loose behind them", () => {
    const { take, placed } = open({ from: "rendered", position: rendered(["33", "43"]) })
    take(live(46), page([16]), live(41))
    expect(placed()).toEqual([
      ["46", undefined],
      ["16", "33"],
      ["41", "43"],
    ])
  })

  it("places what comes from before the rendered messages, though its page does not contain them", () => {
    const { take, placed } = open({ from: "rendered", position: rendered(["65", "66"]) })
    take(page([53, 54]))
    expect(placed()).toEqual([
      ["53", "65"],
      ["54", "65"],
    ])
  })

  it("begins at the place that the hub names for now", () => {
    const { take, given } = open(NOW)
    take(["start", { after: "10", seen: [] }], page([9, 10, 11]))
    expect(given()).toEqual(["11"])
  })

  it("drops what the stored cursor knows", () => {
    const { take, given } = open({ from: "cursor" })
    take(["start", { after: "10", seen: ["12"] }], page([10, 11, 12, 13]))
    expect(given()).toEqual(["11", "13"])
  })

  it("keeps repeats of ephemeral messages", () => {
    const { take, given } = open()
    take(ephemeral("typing"), ephemeral("typing"))
    expect(given()).toEqual(["typing", "typing"])
  })

  it("remembers at least the last 8,192 ids and forgets those long before (engine rule 9)", () => {
    const { take, given } = open()
    for (let id = 1; id <= 3 * WINDOW_LIMIT; id++) take(live(id))
    const before = given().length
    take(live(2 * WINDOW_LIMIT + 1), live(3 * WINDOW_LIMIT))
    expect(given()).toHaveLength(before)
    take(live(1))
    expect(given()).toHaveLength(before + 1)
  })

  it("counts a message as given even if its callback throws: it is not given again", () => {
    let calls = 0
    const ledger = new Ledger(NOW, true, () => {
      calls += 1
      throw new Error("from a callback")
    })
    expect(() => ledger.take(live(1))).toThrow("from a callback")
    ledger.take(live(1))
    expect(calls).toBe(1)
  })
})

describe("without catchUp", () => {
  it("passes every live message untouched, repeats and all, without an id", () => {
    const { take, told } = open(NOW, { catchUp: false })
    take(live(42), live(42))
    expect(told).toEqual([
      ["received", "42", { source: "live" }],
      ["received", "42", { source: "live" }],
    ])
  })

  it("ignores pages, which another tab has asked for", () => {
    const { take, told } = open(NOW, { catchUp: false })
    take(page([1, 2]), ["start", { after: "2", seen: [] }])
    expect(told).toEqual([])
  })

  it("is current when it joins, and tells a gap after every reconnect", () => {
    const { take, told } = open(NOW, { catchUp: false })
    take(["connected"], ["caught-up", null], ["disconnected", true], ["connected"], ["caught-up", null])
    expect(told).toEqual([
      ["connected", { reconnected: false }],
      ["caughtUp", { outcome: "current", count: 0 }],
      ["disconnected", { willAttemptReconnect: true }],
      ["connected", { reconnected: true }],
      ["caughtUp", { outcome: "gap", count: 0, reason: "no-catch-up" }],
    ])
  })

  it("tells a gap when it fell off the log", () => {
    const { take, caughtUp } = open(NOW, { catchUp: false })
    take(["connected"], ["behind"], ["caught-up", "overflow"])
    expect(caughtUp()).toEqual([
      { outcome: "current", count: 0 },
      { outcome: "gap", count: 0, reason: "overflow" },
    ])
  })

  it("says nothing more to who left within `connected`", () => {
    const told: string[] = []
    const ledger: Ledger = new Ledger(NOW, false, (name, ..._told) => {
      told.push(name)
      ledger.leave()
    })
    ledger.take(["connected"])
    expect(told).toEqual(["connected"])
  })

  it("starts anywhere as it did first", () => {
    const { take, ledger } = open(NOW, { catchUp: false })
    take(["connected"], live(1))
    expect(ledger.nextStart()).toEqual(NOW)
  })
})

describe("what is told of the connection", () => {
  it("tells each change once, and that a later connection is another one", () => {
    const { take, told } = open()
    take(["connected"], ["connected"], ["disconnected", true], ["disconnected", true], ["connected"])
    expect(told).toEqual([
      ["connected", { reconnected: false }],
      ["disconnected", { willAttemptReconnect: true }],
      ["connected", { reconnected: true }],
    ])
  })

  it("tells no disconnection to who was never connected", () => {
    const { take, told } = open()
    take(["disconnected", true])
    expect(told).toEqual([])
  })

  it("tells the end to everybody, once, until there is another connection", () => {
    const { ledger, take, told } = open()
    ledger.finish()
    ledger.finish()
    take(["connected"], ["disconnected", true], ["disconnected", false], ["disconnected", false])
    expect(told.filter(([name]) => name === "disconnected")).toEqual([
      ["disconnected", { willAttemptReconnect: false }],
      ["disconnected", { willAttemptReconnect: true }],
      ["disconnected", { willAttemptReconnect: false }],
    ])
  })

  it("tells a rejection", () => {
    const { take, told } = open()
    take(["rejected"])
    expect(told).toEqual([["rejected"]])
  })
})

describe("caughtUp", () => {
  it("comes once per connection, with the number of messages that pages brought", () => {
    const { take, caughtUp } = open()
    take(["connected"], page([1, 2]), live(3), page([3, 4]), ["caught-up", null], ["caught-up", null])
    expect(caughtUp()).toEqual([{ outcome: "recovered", count: 3 }])
  })

  it("is current if pages brought nothing new", () => {
    const { take, caughtUp } = open({ from: "rendered", position: rendered(["1"]) })
    take(["connected"], page([1]), ["caught-up", null])
    expect(caughtUp()).toEqual([{ outcome: "current", count: 0 }])
  })

  it("tells why messages can no longer be had, and how many came all the same", () => {
    const { take, caughtUp } = open()
    take(["connected"], page([1]), ["caught-up", "history-unavailable"])
    expect(caughtUp()).toEqual([{ outcome: "gap", count: 1, reason: "history-unavailable" }])
  })

  it("counts on through a connection that did not last", () => {
    const { take, caughtUp } = open()
    take(["connected"], page([1]), ["disconnected", true], ["connected"], page([2]), ["caught-up", null])
    expect(caughtUp()).toEqual([{ outcome: "recovered", count: 2 }])
  })

  it("comes again after falling behind, but not for a reconcile", () => {
    const { take, caughtUp } = open()
    take(["connected"], ["caught-up", null], page([1]), ["caught-up", null])
    take(["behind"], page([2]), ["caught-up", null])
    expect(caughtUp()).toEqual([
      { outcome: "current", count: 0 },
      { outcome: "recovered", count: 1 },
    ])
  })
})

describe("where a late message belongs", () => {
  it("says nothing for messages in order", () => {
    const { take, told } = open()
    take(live(1), page([2]), ephemeral("typing"))
    expect(told).toEqual([
      ["received", "1", { id: "1", source: "live" }],
      ["received", "2", { id: "2", source: "catch-up" }],
      ["received", "typing", { source: "live" }],
    ])
  })

  it("puts live messages with integer ids in the order of their ids, however long", () => {
    const { take, placed } = open()
    take(live(9), live(11), live(10), live("9007199254740993"), live("9007199254740992"), live(8))
    expect(placed()).toEqual([
      ["9", undefined],
      ["11", undefined],
      ["10", "11"],
      ["9007199254740993", undefined],
      ["9007199254740992", "9007199254740993"],
      ["8", "9"],
    ])
  })

  it("puts other live messages in the order of their times, and those of one time as they came", () => {
    const { take, placed } = open()
    take(live("c", 3_000), live("b", 2_000), live("b2", 2_000), live("unknown"), live("a", 1_000))
    expect(placed()).toEqual([
      ["c", undefined],
      ["b", "c"],
      ["b2", "c"],
      ["unknown", undefined],
      ["a", "b"],
    ])
  })

  it("believes integer ids rather than times", () => {
    const { take, placed } = open()
    take(live(1, 2_000), live(2, 1_000))
    expect(placed()).toEqual([
      ["1", undefined],
      ["2", undefined],
    ])
  })

  it("puts a caught-up message before the nearest later one of its page that was given", () => {
    const { take, placed } = open()
    take(live("d"), live("f"), page(["a", "b", "c", "d", "e", "f", "g"]))
    expect(placed().slice(2)).toEqual([
      ["a", "d"],
      ["b", "d"],
      ["c", "d"],
      ["e", "f"],
      ["g", undefined],
    ])
  })

  it("puts a caught-up message before live ones that no page has returned yet", () => {
    const { take, placed } = open()
    take(live("d"), live("e"), page(["a", "b"]), page(["c", "d"], ["c"]), page(["e", "f"], ["f"]))
    expect(placed().slice(2)).toEqual([
      ["a", "d"],
      ["b", "d"],
      ["c", "d"],
      ["f", undefined],
    ])
  })

  it("finds the first such message in the order of display, not of arrival", () => {
    const { take, placed } = open()
    take(live("e", 5_000), live("d", 4_000), page(["a"]))
    expect(placed().at(-1)).toEqual(["a", "d"])
  })

  it("places by what the page rendered, and not by what only the cursor knows", () => {
    const shown = open({ from: "rendered", position: rendered(["8", "10"]) })
    shown.take(page([9, 10], [9]))
    expect(shown.placed()).toEqual([["9", "10"]])
    const liveToo = open({ from: "rendered", position: rendered(["8", "10"]) })
    liveToo.take(live(9))
    expect(liveToo.placed()).toEqual([["9", "10"]])
    const stored = open({ from: "cursor" })
    stored.take(["start", { after: "8", seen: ["10"] }], page([9, 10], [9]))
    expect(stored.placed()).toEqual([["9", undefined]])
  })

  it("does not put a caught-up message before a live one that is known to be older", () => {
    const byId = open()
    byId.take(live(10), live(12), page([11]))
    expect(byId.placed().at(-1)).toEqual(["11", "12"])
    const byTime = open()
    byTime.take(live("a", 1_000), live("c", 3_000), page(["b"], ["b"], 2_000))
    expect(byTime.placed().at(-1)).toEqual(["b", "c"])
  })

  it("keeps an id that is far ahead at the end", () => {
    const { take, placed } = open()
    take(live(1_000_000))
    for (let id = 1; id <= 600; id++) take(live(id))
    expect(placed().at(-1)).toEqual(["600", "1000000"])
  })
})

describe("from where to go on with another hub", () => {
  const delivered = (ledger: Ledger) => {
    const start = ledger.nextStart()
    return "position" in start ? { from: start.from, ...start.position } : start
  }

  it("claims nothing beside a place that no page told: it may lie before it", () => {
    const { ledger, take } = open({ from: "rendered", position: rendered(["1"]) })
    take(live(2), live(3))
    ledger.reached("9")
    expect(delivered(ledger)).toEqual({ from: "position", after: "9", seen: [] })
  })

  it("starts as asked while nothing has come", () => {
    for (const start of [NOW, { from: "cursor" } as const, FROM_THE_BEGINNING]) {
      expect(open(start).ledger.nextStart()).toBe(start)
    }
  })

  it("knows what the page rendered and what has come since, even if no hub has said where it stands", () => {
    const { take, ledger } = open({ from: "rendered", position: rendered(["8", "9"]) })
    take(live(11), live(10))
    expect(delivered(ledger)).toEqual({ from: "position", after: "8", seen: ["9", "11", "10"] })
  })

  it("goes on where the hub says that it stands", () => {
    const { take, ledger } = open(FROM_THE_BEGINNING)
    take(page([1, 2, 3]), live(4))
    ledger.reached("2")
    expect(delivered(ledger)).toEqual({ from: "position", after: "2", seen: ["3", "4"] })
    ledger.reached("3")
    expect(delivered(ledger)).toEqual({ from: "position", after: "3", seen: ["4"] })
  })

  it("keeps what came live after the page; what came before it, and is not in it, may lie before the new place", () => {
    const { take, ledger } = open(FROM_THE_BEGINNING)
    take(live(2), live(5), page([1, 2, 3], [1, 3]), live(6))
    ledger.reached("3")
    expect(delivered(ledger)).toEqual({ from: "position", after: "3", seen: ["6"] })
  })

  it("takes over the position that the hub began with", () => {
    const { take, ledger } = open({ from: "cursor" })
    take(["start", { after: "8", seen: ["10"] }], live(11))
    expect(delivered(ledger)).toEqual({ from: "position", after: "8", seen: ["10", "11"] })
  })

  it("carries the newest 2,048 ids at most", () => {
    const { take, ledger } = open(FROM_THE_BEGINNING)
    for (let id = 1; id <= 10_000; id++) take(live(id))
    const start = delivered(ledger)
    expect("seen" in start && start.seen).toHaveLength(2_048)
    expect("seen" in start && start.seen.at(-1)).toBe("10000")
  })

  it("begins now, and tells a gap, if nobody ever knew where it stood", () => {
    const { take, ledger, caughtUp } = open()
    take(["connected"], ["caught-up", null], live(5), ["disconnected", true])
    expect(ledger.nextStart()).toEqual(NOW)
    take(["connected"], ["caught-up", null])
    expect(caughtUp().at(-1)).toEqual({ outcome: "gap", count: 0, reason: "no-cursor" })
  })

  it("asks for the stored cursor again if it got nothing from the first one", () => {
    const { take, ledger, caughtUp } = open({ from: "cursor" })
    take(["connected"], ["disconnected", true])
    expect(ledger.nextStart()).toEqual({ from: "cursor" })
    take(["connected"], ["caught-up", null])
    expect(caughtUp()).toEqual([{ outcome: "current", count: 0 }])
  })
})
