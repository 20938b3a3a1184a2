import { describe, expect, it } from "vitest"
import { draw, type Chart } from "../../bench/chart.ts"
import { growthOf } from "../../bench/growth.ts"
import { Results, type Stored } from "../../bench/results.ts"
import { cell } from "../../bench/section.ts"
import { share } from "../../bench/spread.ts"

describe("the law of a cost", () => {
  it("is what is fixed and what is for each", () => {
    const { fixed, each } = growthOf([1, 2, 5, 20].map(tabs => [tabs, 30 + 4 * tabs]))
    expect(fixed).toBeCloseTo(30)
    expect(each).toBeCloseTo(4)
  })

  it("is a power of what it grows with", () => {
    expect(growthOf([1, 4, 16].map(x => [x, 7 * x ** 2])).power).toBeCloseTo(2)
    expect(growthOf([1, 4, 16].map(x => [x, 7])).power).toBeCloseTo(0)
  })
})

describe("figures", () => {
  it("of one contestant under the same circumstances are runs of one measurement", () => {
    const results = new Results()
    results.add("a", { tabs: 1, engine: "Chromium" }, { rate: 3 })
    results.add("a", { engine: "Chromium", tabs: 1 }, { rate: 1 })
    results.add("a", { tabs: 20, engine: "Chromium" }, { rate: 9 })
    expect(results.spread("rate", "a", { tabs: 1, engine: "Chromium" })).toEqual({ median: 2, least: 1, most: 3 })
    expect(results.each("tabs", "rate")).toEqual([1, 20])
    expect(cell(results.spread("rate", "b", { tabs: 1, engine: "Chromium" }))).toBe("–")
  })

  it("that are measured anew replace those of before, and leave the others", () => {
    const [before, now] = [new Results(), new Results()]
    before.add("a", { tabs: 1 }, { rate: 1 })
    before.add("a", { tabs: 20 }, { rate: 2 })
    now.add("a", { tabs: 1 }, { rate: 5 })
    const kept = new Results(JSON.parse(JSON.stringify(now.over(before))) as Stored)
    expect(kept.values("rate", "a", { tabs: 1 })).toEqual([5])
    expect(kept.values("rate", "a", { tabs: 20 })).toEqual([2])
    expect(kept.conditions.loads).toHaveLength(2)
  })

  it("are at or below their share", () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1)
    expect([share(hundred, 0.5), share(hundred, 0.99), share([7], 0.99)]).toEqual([50, 99, 7])
  })
})

describe("a chart", () => {
  const points = [1, 20].map(x => ({ x, median: 100 * x, least: 50 * x, most: 200 * x }))
  const chart: Chart = { name: "chart", title: "<Fan-out>", x: "tabs", y: "rate", series: [{ name: "ours", points }] }

  it("has a line, a whisker and a dot for each point, within its frame", () => {
    const svg = draw(chart)
    expect(svg.match(/<circle/g)).toHaveLength(2)
    const ys = [...svg.matchAll(/cy="([\d.]+)"/g)].map(([, y]) => Number(y))
    for (const y of ys) expect(y).toBeGreaterThan(40)
    for (const y of ys) expect(y).toBeLessThan(375)
    expect(svg).toContain("&lt;Fan-out>")
    expect(svg).not.toContain("NaN")
  })
})
