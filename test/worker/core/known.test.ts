import { beforeEach, describe, expect, it } from "vitest"
import { SEEN_LIMIT } from "../../../shared/position.ts"
import { Context } from "../../../worker/core/context.ts"
import { Known } from "../../../worker/core/known.ts"

let ctx: Context
let known: Known

beforeEach(() => {
  ctx = new Context()
  known = new Known(ctx)
})

function take(...ids: string[]): void {
  for (const id of ids) {
    known.arrived(id)
    known.took(id)
  }
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}`)
}

describe("a position", () => {
  it("is whole while it names all ids that are known", () => {
    known.start({ after: null, seen: [] })
    take(...ids(SEEN_LIMIT))
    expect(known.isWhole).toBe(true)
    take("one more")
    expect(known.isWhole).toBe(false)
  })

  it("is not whole where there is no room for all that an endpoint repeats", () => {
    known.start({ after: null, seen: [] })
    take(...ids(SEEN_LIMIT))
    known.move("a", ["a"], true)
    expect(known.isWhole).toBe(false)
  })
})

describe("a position that is unknown (engine rule 1)", () => {
  it("is not the beginning of time", () => {
    expect(known.after).toBeUndefined()
    expect(known.position).toBeUndefined()
    known.start({ after: null, seen: [] })
    expect(known.position).toEqual({ after: null, seen: [] })
  })
})

describe("a live message (engine rule 3)", () => {
  it("is known when it is in the log, and part of the position once a tab has taken it", () => {
    known.start({ after: "10", seen: [] })
    known.arrived("11")
    expect(known.has("11")).toBe(true)
    expect(known.position).toEqual({ after: "10", seen: [] })
    known.took("11")
    expect(known.has("11")).toBe(true)
    expect(known.position).toEqual({ after: "10", seen: ["11"] })
    expect(known.counts.seen).toBe(1)
  })

  it("is news again when the log lost it before a tab took it", () => {
    known.start({ after: "10", seen: [] })
    known.arrived("11")
    known.lost("11")
    expect(known.has("11")).toBe(false)
  })

  it("stays known when the log loses it after a tab took it", () => {
    known.start({ after: "10", seen: [] })
    take("11")
    known.lost("11")
    expect(known.has("11")).toBe(true)
  })

  it("keeps the time of the hub's first sight, of it in the log and of it taken", () => {
    known.start({ after: "10", seen: [] })
    expect(known.firstSight("11")).toBeUndefined()
    ctx.now = 5
    known.arrived("11")
    ctx.now = 6
    known.arrived("11")
    expect(known.firstSight("11")).toBe(5)
    ctx.now = 7
    known.took("11")
    expect(known.firstSight("11")).toBe(7)
    ctx.now = 8
    known.arrived("11")
    known.took("11")
    expect(known.firstSight("11")).toBe(7)
  })
})

describe("a start", () => {
  it("brings what its page has seen beside `after`, as of now", () => {
    ctx.now = 5
    known.start({ after: "1", seen: ["2", "3"] })
    expect(known.position).toEqual({ after: "1", seen: ["2", "3"] })
    expect(known.has("2")).toBe(true)
    expect(known.has("1")).toBe(false)
    expect(known.firstSight("3")).toBe(5)
  })

  it("brings also what an endpoint repeats, where a stored position names it", () => {
    known.start({ after: "9", seen: ["7", "8", "9", "11"] })
    expect(known.has("8")).toBe(true)
    expect(known.counts).toMatchObject({ seen: 1, behind: 3 })
  })

  it("replaces what was known before", () => {
    known.start({ after: "1", seen: ["2"] })
    known.move("2", ["1", "2"], true)
    take("3")
    known.start({ after: "9", seen: [] })
    expect(known.position).toEqual({ after: "9", seen: [] })
    for (const id of ["1", "2", "3"]) expect(known.has(id)).toBe(false)
  })

  it("forgets what is in the log: whoever starts here does not read that", () => {
    known.start({ after: "1", seen: [] })
    known.arrived("2")
    known.start({ after: "1", seen: [] })
    expect(known.has("2")).toBe(false)
  })

  it("may be unknown", () => {
    known.start({ after: "1", seen: ["2"] })
    known.start(undefined)
    expect(known.position).toBeUndefined()
    expect(known.has("2")).toBe(false)
  })
})

describe("a taken page", () => {
  beforeEach(() => {
    known.start({ after: "10", seen: [] })
    take("11", "12", "13")
  })

  it("moves `after`, and what it covers need no longer be remembered", () => {
    known.move("12", ["11", "12"], false)
    expect(known.position).toEqual({ after: "12", seen: ["13"] })
    expect(known.has("11")).toBe(false)
  })

  it("leaves what it covers known where the endpoint repeats: it will come again", () => {
    known.move("12", ["11", "12"], true)
    expect(known.position).toEqual({ after: "12", seen: ["11", "12", "13"] })
    expect(known.has("11")).toBe(true)
    expect(known.counts.seen).toBe(1)
  })

  it("leaves it known also where only the page before it showed that the endpoint repeats", () => {
    known.move("12", ["11", "12"], true)
    known.move("13", ["13"], false)
    expect(known.position).toEqual({ after: "13", seen: ["11", "12", "13"] })
  })

  it("leaves nothing of that where the place is gone, and the stream goes on elsewhere", () => {
    known.move("12", ["11", "12"], true)
    known.move("50", [], false)
    expect(known.position).toEqual({ after: "50", seen: ["13"] })
  })

  it("puts what it covers again at the end of that", () => {
    known.move("12", ["11", "12"], true)
    known.move("13", ["11", "13"], true)
    expect(known.position).toEqual({ after: "13", seen: ["12", "11", "13"] })
  })

  it("keeps 512 such ids, the newest", () => {
    known.move("13", ids(513), true)
    expect(known.has("m0")).toBe(false)
    expect(known.has("m1")).toBe(true)
    expect(known.position?.seen).toHaveLength(512 + 3)
  })
})

describe("a finished run over the pages (engine rule 4)", () => {
  beforeEach(() => {
    known.start({ after: "10", seen: [] })
    ctx.now = 1_000
    take("a")
    ctx.now = 1_001
    take("b")
    known.runStarted()
  })

  it("drops ids that were taken more than settleFor before it and that it did not return", () => {
    known.runFinished(6_001, 5_000)
    expect(known.position?.seen).toEqual(["b"])
  })

  it("keeps those that it returned", () => {
    known.pageReturned(["a", "z"])
    known.runFinished(60_000, 5_000)
    expect(known.position?.seen).toEqual(["a"])
  })

  it("counts only what came in this run", () => {
    known.pageReturned(["a", "b"])
    known.runFinished(60_000, 5_000)
    known.runStarted()
    known.runFinished(60_000, 5_000)
    expect(known.position?.seen).toEqual([])
    take("c")
    known.pageReturned(["c"])
    known.runStarted()
    known.runFinished(60_000, 5_000)
    expect(known.position?.seen).toEqual([])
  })
})

describe("the bounds of seen (engine rule 4)", () => {
  it("are 2,048: the oldest leave, are counted, and `after` stays", () => {
    known.start({ after: "10", seen: [] })
    take(...ids(SEEN_LIMIT))
    expect(ctx.counters).toEqual({})
    take("one", "two")
    expect(known.counts.seen).toBe(2_048)
    expect(ctx.counters).toEqual({ seenDropped: 2 })
    expect(known.position?.after).toBe("10")
    expect(known.position?.seen.slice(0, 1)).toEqual(["m2"])
    expect(known.position?.seen.slice(-2)).toEqual(["one", "two"])
  })

  it("do not make news of what leaves them: the last 32,768 that left are still known, but not stored", () => {
    known.start({ after: "10", seen: [] })
    take(...ids(SEEN_LIMIT + 32_768 + 2_048))
    expect(known.has("m1")).toBe(true)
    take("one")
    expect(known.has("m1")).toBe(false)
    expect(known.has("m2049")).toBe(true)
  })

  it("begin anew with the stream", () => {
    known.start({ after: "10", seen: [] })
    take(...ids(SEEN_LIMIT + 1))
    known.start({ after: "10", seen: [] })
    expect(known.has("m1")).toBe(false)
  })

  it("are half reached with 1,024", () => {
    known.start({ after: "10", seen: [] })
    take(...ids(1_023))
    expect(known.halfFullSince).toBe(null)
    take("last")
    expect(known.halfFullSince).toBe(0)
  })

  it("hold for the stored position, ids that the endpoint repeats included", () => {
    known.start({ after: "10", seen: [] })
    known.move("10", ids(512), true)
    take(...ids(SEEN_LIMIT).map(id => `x${id}`))
    expect(known.position?.seen).toHaveLength(2_048)
    expect(known.position?.seen[0]).toBe("xm0")
  })

  it("do not count a message twice", () => {
    known.start({ after: "10", seen: [] })
    take("11", "11")
    expect(known.counts.seen).toBe(1)
  })
})
