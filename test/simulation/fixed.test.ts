// The nine promises on schedules that are always the same: those in which `npm run sim:mutants` looks for its mistakes. `npm
// run sim` looks for new ones.

import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { simulate } from "./driver.ts"
import { FIXED, schedules } from "./schedule.ts"

describe("a simulated world keeps the nine promises", () => {
  it(`on ${FIXED.blocks * FIXED.block} schedules that are always the same`, () => {
    for (let seed = 1; seed <= FIXED.blocks; seed++) {
      const property = fc.property(schedules, schedule => {
        expect(simulate(schedule).broken).toBeNull()
      })
      fc.assert(property, { seed, numRuns: FIXED.block, endOnFailure: true })
    }
  })

  it("is the same world for the same schedule", () => {
    const [schedule] = fc.sample(schedules, { seed: 1, numRuns: 1 })
    expect(schedule && simulate(schedule)).toEqual(schedule && simulate(schedule))
  })
})
