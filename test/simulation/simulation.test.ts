// `npm run sim:fresh`: the nine promises on schedules that nobody has tried. One that breaks a promise is printed as it is
// left after shrinking.

import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { simulate } from "./driver.ts"
import { schedules } from "./schedule.ts"

const BUDGET_MS = Number(process.env["TRUNKLINE_SIM_MS"] ?? 30_000)
/** Shrinking ends with the smallest schedule so far. */
const SHRINK_MS = 60_000
const BLOCK = 50

describe("a simulated world keeps the nine promises", () => {
  it("on fresh schedules", () => {
    const until = performance.now() + BUDGET_MS
    for (let seed = Math.floor(Math.random() * 2 ** 31); performance.now() < until; seed++) {
      const property = fc.property(schedules, schedule => {
        expect(simulate(schedule).broken).toBeNull()
      })
      fc.assert(property, { seed, numRuns: BLOCK, interruptAfterTimeLimit: SHRINK_MS })
    }
    expect(performance.now()).toBeGreaterThanOrEqual(until)
  })
})
