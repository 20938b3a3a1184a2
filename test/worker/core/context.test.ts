import { describe, expect, it } from "vitest"
import { backoff, Context } from "../../../worker/core/context.ts"

describe("the wait before another attempt", () => {
  it("has a range of half a second that doubles with each failure, up to the most", () => {
    const ranges = [0, 1, 2, 3, 4, 5, 6].map(attempt => backoff(attempt, 10_000, 1))
    expect(ranges).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it("is anywhere in its range: full jitter, so that clients do not come back in step", () => {
    expect(backoff(3, 10_000, 0)).toBe(0)
    expect(backoff(3, 10_000, 0.25)).toBe(1_000)
    expect(backoff(3, 10_000, 0.5)).toBe(2_000)
  })

  it("stays a number however often it failed", () => {
    expect(backoff(10_000, 30_000, 1)).toBe(30_000)
    expect(backoff(10_000, Infinity, 1)).toBe(500 * 2 ** 20)
  })
})

describe("what the core has at hand", () => {
  it("gives its effects once, in order", () => {
    const ctx = new Context()
    ctx.emit({ type: "drop", cable: 1 })
    ctx.emit({ type: "abort", fetch: 2 })
    expect(ctx.take()).toEqual([
      { type: "drop", cable: 1 },
      { type: "abort", fetch: 2 },
    ])
    expect(ctx.take()).toEqual([])
  })

  it("asks for one flush until it has come", () => {
    const ctx = new Context()
    ctx.flush()
    ctx.flush()
    expect(ctx.take()).toEqual([{ type: "flush" }])
    ctx.flushed()
    ctx.flush()
    expect(ctx.take()).toEqual([{ type: "flush" }])
  })

  it("never gives a number twice", () => {
    const ctx = new Context()
    expect([ctx.number(), ctx.number(), ctx.number()]).toEqual([1, 2, 3])
  })

  it("counts what it is told to", () => {
    const ctx = new Context()
    ctx.count("a")
    ctx.count("a")
    ctx.count("b", 3)
    expect(ctx.counters).toEqual({ a: 2, b: 3 })
  })

  it("knows the server's time from its last ping on, by the hub's own clock", () => {
    const ctx = new Context()
    ctx.now = 100
    expect(ctx.serverNow()).toBeNull()
    ctx.heardServerTime(1_000_000)
    ctx.now = 350
    expect(ctx.serverNow()).toBe(1_000_250)
    ctx.heardServerTime(500)
    expect(ctx.serverNow()).toBe(500)
  })
})
