import { beforeEach, describe, expect, it } from "vitest"
import type { Start } from "../../../shared/bridge.ts"
import { Origin } from "../../../worker/core/origin.ts"

let origin: Origin

beforeEach(() => {
  origin = new Origin()
})

function position(after: string | null, ...seen: string[]): Start {
  return { from: "position", position: { after, seen } }
}

describe("where a stream started", () => {
  it("is nowhere before its first reader that catches up", () => {
    expect(origin.stage).toBe("none")
    expect(origin.follow(position("10"), 0)).toBeNull()
    expect(origin.startTogether(position("10"))).toBeNull()
  })

  it("has yet to be found out for a cursor and for now", () => {
    origin.begin({ from: "cursor" }, 0)
    expect(origin.stage).toBe("cursor")
    origin.begin({ from: "now" }, 0)
    expect(origin.stage).toBe("now")
    origin.begin(position("10"), 0)
    expect(origin.stage).toBe("placed")
    origin.begin({ from: "rendered", position: { after: "10", seen: [] } }, 0)
    expect(origin.stage).toBe("placed")
  })

  it("is where others that know as much may follow the log, if the log still holds all of it (engine rule 11)", () => {
    origin.begin(position("10", "11"), 7)
    expect(origin.follow(position("10", "11"), 0)).toBe(7)
    expect(origin.follow(position("10", "11", "12"), 7)).toBe(7)
    expect(origin.follow(position("10", "11"), 8)).toBeNull()
    expect(origin.follow(position("10"), 0)).toBeNull()
    expect(origin.follow(position("9", "10", "11"), 0)).toBeNull()
    expect(origin.follow({ from: "cursor" }, 0)).toBeNull()
    expect(origin.follow({ from: "rendered", position: { after: "10", seen: ["11"] } }, 0)).toBe(7)
  })

  it("is the same for all who start at the cursor", () => {
    origin.begin({ from: "cursor" }, 3)
    expect(origin.follow({ from: "cursor" }, 0)).toBe(3)
    expect(origin.follow({ from: "now" }, 0)).toBeNull()
    expect(origin.follow(position("10"), 0)).toBeNull()
  })

  it("is now for them all where the store knows no cursor", () => {
    origin.begin({ from: "cursor" }, 3)
    origin.becomeNow()
    expect(origin.stage).toBe("now")
    expect(origin.follow({ from: "cursor" }, 0)).toBe(3)
    expect(origin.follow({ from: "now" }, 0)).toBe(3)
    expect(origin.follow(position("10"), 0)).toBeNull()
  })

  it("is no place to join once the log may have a hole, or nobody is left", () => {
    origin.begin(position("10"), 0)
    origin.close()
    expect(origin.follow(position("10"), 0)).toBeNull()
    expect(origin.stage).toBe("placed")
    origin.begin({ from: "cursor" }, 0)
    origin.close()
    origin.becomeNow()
    expect(origin.follow({ from: "now" }, 0)).toBeNull()
    origin.begin(position("10"), 0)
    origin.forget()
    expect(origin.follow(position("10"), 0)).toBeNull()
    expect(origin.stage).toBe("none")
  })
})

describe("tabs that come from a dead hub a few messages apart", () => {
  it("start together where they stand, with what both have seen", () => {
    origin.begin(position("10", "11", "12"), 0)
    expect(origin.startTogether(position("10", "11", "13"))).toEqual({ after: "10", seen: ["11"] })
    expect(origin.follow(position("10", "11", "13"), 0)).toBe(0)
  })

  it("start together where a page begins that rendered the other's place", () => {
    origin.begin(position("12"), 0)
    const page: Start = { from: "rendered", position: { after: "10", seen: ["11", "12"] } }
    expect(origin.startTogether(page)).toEqual({ after: "10", seen: ["12"] })
    expect(origin.follow(page, 0)).toBe(0)
  })

  it("start together there also where that page came first", () => {
    origin.begin({ from: "rendered", position: { after: "10", seen: ["11", "12"] } }, 0)
    expect(origin.startTogether(position("12"))).toEqual({ after: "10", seen: ["12"] })
  })

  it("do not where one that stands there came between, and only what came live names the other's place", () => {
    origin.begin(position("10", "11", "12"), 0)
    expect(origin.startTogether(position("10", "12"))).toEqual({ after: "10", seen: ["12"] })
    expect(origin.startTogether(position("12"))).toBeNull()
  })

  it("do not where only what came live names the other's place: it is in no order", () => {
    origin.begin(position("12"), 0)
    expect(origin.startTogether(position("10", "11", "12"))).toBeNull()
    origin.begin(position("10", "11", "12"), 0)
    expect(origin.startTogether(position("12"))).toBeNull()
  })

  it("do not when neither has seen where the other stands", () => {
    origin.begin(position("12"), 0)
    expect(origin.startTogether(position("10"))).toBeNull()
    expect(origin.follow(position("12"), 0)).toBe(0)
  })

  it("do not when one of them does not say where it stands", () => {
    origin.begin({ from: "cursor" }, 0)
    expect(origin.startTogether(position("10"))).toBeNull()
    origin.begin(position("10"), 0)
    expect(origin.startTogether({ from: "now" })).toBeNull()
  })
})
