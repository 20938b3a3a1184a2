import { describe, expect, it } from "vitest"
import { simulate } from "./driver.ts"
import { SEEDS } from "./seeds.ts"

describe("schedules that once broke a promise", () => {
  it.each(SEEDS)("$says", ({ schedule }) => {
    expect(simulate(schedule).broken).toBeNull()
  })
})
