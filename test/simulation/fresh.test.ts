// The nine promises on schedules that nobody has tried: new ones with every commit, and the same whenever that commit is tested
// again, so that what fails here fails for whoever looks into it. `npm run sim` looks for more.

import { spawnSync } from "node:child_process"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { simulate } from "./driver.ts"
import { schedules } from "./schedule.ts"

const FRESH = { blocks: 100, block: 50 }
/** Shrinking ends with the smallest schedule so far. */
const SHRINK_MS = 60_000

/** Of the commit; outside of a repository, of the moment. */
function freshSeed(): number {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" })
  return status === 0 ? Number.parseInt(stdout.slice(0, 7), 16) : Date.now() % 2 ** 28
}

describe("a simulated world keeps the nine promises", () => {
  const first = freshSeed()

  it(`on ${FRESH.blocks * FRESH.block} fresh schedules, from seed ${first}`, () => {
    for (let seed = first; seed < first + FRESH.blocks; seed++) {
      const property = fc.property(schedules, schedule => {
        expect(simulate(schedule).broken).toBeNull()
      })
      fc.assert(property, { seed, numRuns: FRESH.block, interruptAfterTimeLimit: SHRINK_MS })
    }
  })
})
