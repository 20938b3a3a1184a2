import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { covers, join, rendered, SEEN_LIMIT, type Position } from "../../shared/position.ts"

describe("the position of a rendered page", () => {
  it("is the beginning of time when the page shows nothing", () => {
    expect(rendered([])).toEqual({ after: null, seen: [] })
  })

  it("asks after the oldest message shown, and has seen the others", () => {
    expect(rendered(["4", "5", "7"])).toEqual({ after: "4", seen: ["5", "7"] })
  })

  it("forgets the oldest of more than it may carry, which are then fetched again", () => {
    const ids = Array.from({ length: SEEN_LIMIT + 3 }, (_, index) => String(index))
    const { after, seen } = rendered(ids)
    expect(after).toBe("0")
    expect(seen).toEqual(ids.slice(3))
  })
})

describe("covering", () => {
  it("holds for a position and itself", () => {
    expect(covers({ after: "4", seen: ["6"] }, { after: "4", seen: ["6"] })).toBe(true)
  })

  it("holds for whoever has seen more since the same message", () => {
    expect(covers({ after: "4", seen: ["9", "6"] }, { after: "4", seen: ["6"] })).toBe(true)
  })

  it("fails for whoever has not seen what the other has", () => {
    expect(covers({ after: "4", seen: ["6"] }, { after: "4", seen: ["6", "7"] })).toBe(false)
  })

  it("fails between different messages, because ids say nothing about which came first", () => {
    expect(covers({ after: "5", seen: [] }, { after: "4", seen: [] })).toBe(false)
    expect(covers({ after: null, seen: ["1"] }, { after: "1", seen: [] })).toBe(false)
  })
})

describe("joining two positions", () => {
  it("keeps what both have seen since the same message", () => {
    expect(join({ after: "4", seen: ["5", "6"] }, { after: "4", seen: ["6", "7"] })).toEqual({
      after: "4",
      seen: ["6"],
    })
  })

  it("goes back to the earlier one when that one has seen where the other stands", () => {
    const early: Position = { after: "4", seen: ["8", "9"] }
    const late: Position = { after: "8", seen: ["9", "10"] }
    expect(join(early, late)).toEqual({ after: "4", seen: ["8", "9"] })
    expect(join(late, early)).toEqual({ after: "4", seen: ["8", "9"] })
  })

  it("tells the beginning of time from an unknown place", () => {
    expect(join({ after: null, seen: ["1"] }, { after: "1", seen: ["2"] })).toEqual({ after: null, seen: ["1"] })
    expect(join({ after: null, seen: [] }, { after: "1", seen: [] })).toBeNull()
  })

  it("gives up when neither has seen where the other stands", () => {
    expect(join({ after: "4", seen: ["5"] }, { after: "9", seen: ["10"] })).toBeNull()
  })
})

describe("of any two places in one history", () => {
  const history = Array.from({ length: 12 }, (_, index) => String(index + 1))
  const position = fc
    .tuple(fc.integer({ min: 0, max: history.length }), fc.subarray(history))
    .map(([count, ids]): Position => ({
      after: history[count - 1] ?? null,
      seen: ids.filter(id => Number(id) > count),
    }))
  const known = ({ after, seen }: Position) => new Set([...history.slice(0, Number(after ?? 0)), ...seen])
  const lacks = (a: Position, b: Position) => [...known(b)].filter(id => !known(a).has(id))

  it("whoever covers another has seen all that the other has", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        fc.pre(covers(a, b))
        expect(lacks(a, b)).toEqual([])
      }),
    )
  })

  it("the joined one claims nothing that either of them lacks", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const joined = join(a, b)
        fc.pre(joined !== null)
        expect(lacks(a, joined)).toEqual([])
        expect(lacks(b, joined)).toEqual([])
      }),
    )
  })

  it("the joined one is the same place whoever asks", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const [one, other] = [join(a, b), join(b, a)]
        fc.pre(one !== null && other !== null)
        expect(known(one)).toEqual(known(other))
      }),
    )
  })

  it("there is a joined one wherever they start at the same message, and both cover it", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const c = { ...b, after: a.after }
        const joined = join(a, c)
        expect(joined && [covers(a, joined), covers(c, joined)]).toEqual([true, true])
      }),
    )
  })

  it("neither of the two is changed by being joined", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const before = structuredClone([a, b])
        join(a, b)
        expect([a, b]).toEqual(before)
      }),
    )
  })
})
