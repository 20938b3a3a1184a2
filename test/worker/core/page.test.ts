import { describe, expect, it } from "vitest"
import { SEEN_LIMIT } from "../../../shared/position.ts"
import { readPage, type Reader } from "../../../worker/core/page.ts"
import type { Item, Page } from "../../../worker/core/page-ask.ts"

/** The server's time, and the hub's, when the page was asked; the answer took 100 ms. */
const SERVER = 1_000_000
const HUB = 50_000

/** A message that was so many milliseconds old at the server when the page was asked. */
function item(id: string, age: number | null = 3_600_000): Item {
  return { id, at: age === null ? null : SERVER - age, message: { id: Number(id) } }
}

function page(items: readonly Item[], rest: Partial<Page> = {}): Page {
  const clocks = { askedAt: HUB, receivedAt: HUB + 100, serverNow: SERVER }
  return { type: "page", items, more: false, cursor: undefined, ...clocks, ...rest }
}

function read(page: Page, reader: Partial<Reader> = {}) {
  const nobody = () => false
  const sight = () => undefined
  const unsettled = [...(reader.unsettled ?? [])]
  const defaults = { asked: null, has: nobody, isTaken: nobody, settleFor: 5_000, firstSight: sight }
  return { ...readPage(page, { ...defaults, ...reader, unsettled }), unsettled }
}

function moveOf(items: readonly Item[], rest: Partial<Page> = {}, reader: Partial<Reader> = {}) {
  return read(page(items, rest), reader).entry.move
}

describe("a page's entry (engine rule 7)", () => {
  it("is all ids in the server's order, and the messages that the hub had not seen", () => {
    const { entry } = read(page([item("3"), item("1"), item("2")]), { has: id => id === "1" })
    expect(entry.unknown).toEqual(["3", "2"])
    expect(JSON.parse(entry.text)).toEqual([
      "page",
      ["3", "1", "2"],
      [
        ["3", SERVER - 3_600_000, { id: 3 }],
        ["2", SERVER - 3_600_000, { id: 2 }],
      ],
    ])
  })

  it("is valid JSON when it is empty, and when a message has no time", () => {
    expect(JSON.parse(read(page([])).entry.text)).toEqual(["page", [], []])
    expect(JSON.parse(read(page([item("1", null)])).entry.text)).toEqual(["page", ["1"], [["1", null, { id: 1 }]]])
  })

  it("has not been taken", () => {
    expect(read(page([item("1")])).entry.taken).toBe(false)
  })
})

describe("what a page lets `after` become (engine rule 2)", () => {
  it("is its newest item, when all are settled", () => {
    expect(moveOf([item("1"), item("2")])).toEqual({ after: "2", covered: ["1", "2"] })
  })

  it("is an item that was 5,000 ms old at the time of the request, and not one of 4,999", () => {
    expect(moveOf([item("1"), item("2", 5_000)])).toEqual({ after: "2", covered: ["1", "2"] })
    expect(moveOf([item("1"), item("2", 4_999)])).toEqual({ after: "1", covered: ["1"] })
  })

  it("is nothing when nothing is settled, or there is nothing", () => {
    expect(moveOf([item("1", 0)])).toBeNull()
    expect(moveOf([])).toBeNull()
  })

  it("covers also the unsettled ones that the server puts before it", () => {
    expect(moveOf([item("1", 0), item("2")])).toEqual({ after: "2", covered: ["1", "2"] })
  })

  it("leaves the rest unsettled", () => {
    expect(read(page([item("1"), item("2", 0), item("3", 10)])).unsettled.map(({ id }) => id)).toEqual(["2", "3"])
    expect(read(page([item("1")])).unsettled).toEqual([])
  })
})

describe("the server's time, before it is known,", () => {
  const unknown = { serverNow: null }

  it("is at least that of the newest message, when the answer came: this machine's clock may be hours off", () => {
    expect(moveOf([item("1", 5_100), item("2", 0)], unknown)).toEqual({ after: "1", covered: ["1"] })
    expect(moveOf([item("1", 5_099), item("2", 0)], unknown)).toBeNull()
    expect(moveOf([item("1", 9_100), item("2", 4_000)], unknown)).toEqual({ after: "1", covered: ["1"] })
    expect(moveOf([item("2", 0), item("1", 5_100), item("3", 5_099)], unknown)).toMatchObject({ after: "1" })
  })

  it("settles no message that is alone, however old it may be", () => {
    expect(moveOf([item("1")], unknown)).toBeNull()
  })

  it("is not told by messages without a time", () => {
    expect(moveOf([item("1", null), item("2", null)], unknown)).toBeNull()
  })
})

describe("a message without a time", () => {
  it("is settled by the hub's first sight of it, at the time of the request", () => {
    const sight = (at: number | undefined) => moveOf([item("1", null)], {}, { firstSight: () => at })
    expect(sight(HUB - 5_000)).toEqual({ after: "1", covered: ["1"] })
    expect(sight(HUB - 4_999)).toBeNull()
    expect(sight(undefined)).toBeNull()
  })

  it("is settled in a page that another page follows: a long recovery would never get on", () => {
    expect(moveOf([item("1", null), item("2", null)], { more: true })).toEqual({ after: "2", covered: ["1", "2"] })
  })
})

describe("a message with a time", () => {
  it("is settled by the hub's first sight too: the server's clock may seem to run behind it", () => {
    const sight = (at: number | undefined) => moveOf([item("1", -1_000)], {}, { firstSight: () => at })
    expect(sight(HUB - 5_000)).toEqual({ after: "1", covered: ["1"] })
    expect(sight(HUB - 4_999)).toBeNull()
    expect(sight(undefined)).toBeNull()
  })

  it("is not settled by the page that follows: busy streams fill pages with the last second", () => {
    expect(moveOf([item("1"), item("2", 0)], { more: true })).toEqual({ after: "1", covered: ["1"] })
  })
})

describe("a message that is in the log and that no tab has taken", () => {
  const known = { has: (id: string) => id === "2" }

  it("is not covered, nor what follows it: whoever takes the page may have come after it", () => {
    expect(moveOf([item("1"), item("2"), item("3")], {}, known)).toEqual({ after: "1", covered: ["1"] })
    expect(moveOf([item("2"), item("3")], {}, known)).toBeNull()
  })

  it("does not let more be covered than has settled, where it comes after that", () => {
    expect(moveOf([item("1"), item("3", 0), item("2", 0)], {}, known)).toEqual({ after: "1", covered: ["1"] })
  })

  it("is not covered either where the endpoint repeats it", () => {
    const move = moveOf([item("1"), item("2"), item("3"), item("4")], {}, { ...known, asked: "3" })
    expect(move).toEqual({ after: "4", covered: ["1", "3", "4"] })
  })

  it("stops the pages that follow, too, also when the log has lost it meanwhile, until somebody has taken it", () => {
    const { unsettled } = read(page([item("1"), item("2")], { more: true }), known)
    expect(moveOf([item("3")], {}, { ...known, unsettled })).toBeNull()
    expect(moveOf([item("3")], {}, { unsettled })).toBeNull()
    expect(moveOf([item("3")], {}, { ...known, unsettled, isTaken: () => true })).toEqual({
      after: "3",
      covered: ["2", "3"],
    })
  })
})

describe("what an earlier page of the run left unsettled", () => {
  const left = (age: number) => read(page([item("1"), item("2", age)], { more: true })).unsettled
  const later = { askedAt: HUB + 2_000, receivedAt: HUB + 2_100, serverNow: SERVER + 2_000 }

  it("is not passed by a later one", () => {
    expect(moveOf([item("3")], later, { unsettled: left(0) })).toBeNull()
    expect(read(page([item("3")], later), { unsettled: left(0) }).unsettled.map(({ id }) => id)).toEqual(["2", "3"])
  })

  it("is judged as of its own request, however late the next one", () => {
    const much = { askedAt: HUB + 60_000, receivedAt: HUB + 60_100, serverNow: SERVER + 60_000 }
    expect(moveOf([item("3")], much, { unsettled: left(4_999) })).toBeNull()
  })

  it("is judged by the clocks of then: they stand still, or jump, while the machine sleeps", () => {
    const afterSleep = { askedAt: HUB + 100, receivedAt: HUB + 200, serverNow: SERVER + 600_000 }
    expect(moveOf([item("3")], afterSleep, { unsettled: left(4_999) })).toBeNull()
  })

  it("lets the place be moved up to where it begins", () => {
    const unsettled = [
      { id: "1", isSettled: true, isWaiting: false, since: HUB },
      { id: "2", isSettled: false, isWaiting: false, since: HUB },
    ]
    const reading = read(page([item("3")], later), { unsettled })
    expect(reading.entry.move).toEqual({ after: "1", covered: ["1"] })
    expect(reading.unsettled.map(({ id }) => id)).toEqual(["2", "3"])
  })

  it("is covered together with what follows if it was settled", () => {
    const unsettled = (isSettled: boolean) => [{ id: "1", isSettled, isWaiting: false, since: 0 }]
    expect(moveOf([item("2")], later, { unsettled: unsettled(true) })).toEqual({ after: "2", covered: ["1", "2"] })
    expect(moveOf([item("2")], later, { unsettled: unsettled(false) })).toBeNull()
  })

  describe("is overdue", () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => item(`${n}`, 0))
    const isOverdue = (count: number, ms: number) => {
      const { unsettled } = read(page(many(count), { more: true }))
      return read(page([item("last", 0)], { askedAt: HUB + 100 + ms, more: true }), { unsettled }).isOverdue
    }

    it("when it has settled and is more, with what follows it, than a position may name", () => {
      expect(isOverdue(SEEN_LIMIT, 5_000)).toBe(true)
      expect(isOverdue(SEEN_LIMIT, 4_999)).toBe(false)
      expect(isOverdue(SEEN_LIMIT - 1, 5_000)).toBe(false)
    })

    it("never, where it only waits to be taken", () => {
      const unsettled = many(2 * SEEN_LIMIT).map(({ id }) => ({ id, isSettled: true, isWaiting: true, since: 0 }))
      expect(read(page([item("last")], { more: true }), { unsettled, has: () => true }).isOverdue).toBe(false)
    })
  })
})

describe("a page that contains the asked id (engine rule 6)", () => {
  it("moves only to what is behind it", () => {
    expect(moveOf([item("8"), item("9"), item("10")], {}, { asked: "10" })).toBeNull()
    expect(moveOf([item("9"), item("10"), item("11")], {}, { asked: "10" })).toEqual({
      after: "11",
      covered: ["9", "10", "11"],
    })
    expect(moveOf([item("9"), item("10"), item("11", 0)], {}, { asked: "10" })).toBeNull()
  })

  it("comes from an endpoint that repeats", () => {
    expect(read(page([item("10"), item("11")]), { asked: "10" }).repeats).toBe(true)
    expect(read(page([item("11")]), { asked: "10" }).repeats).toBe(false)
    expect(read(page([item("11")]), { asked: null }).repeats).toBe(false)
  })

  it("still brings a row from before it that was not there before", () => {
    const known = new Set(["10"])
    const { entry } = read(page([item("9"), item("10"), item("11")]), { asked: "10", has: id => known.has(id) })
    expect(entry.unknown).toEqual(["9", "11"])
  })
})

describe("the page after a page", () => {
  it("is asked after the last item of this one, not after the position (engine rule 6)", () => {
    expect(read(page([item("1"), item("2", 0)], { more: true })).next).toBe("2")
  })

  it("is not asked when this was the last", () => {
    expect(read(page([item("1")])).next).toBeUndefined()
  })
})
