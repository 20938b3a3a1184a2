// One core's share of `npm run sim`: runs blocks of schedules, each with a seed of its own, and reports what they did.

import * as fc from "fast-check"
import { parentPort } from "node:worker_threads"
import { simulate } from "./driver.ts"
import { schedules, swarm, type Schedule } from "./schedule.ts"
import { count, emptyTally, type Tally } from "./tally.ts"

/** A block takes seconds; what is longer is shrinking, which ends with the smallest schedule so far. */
const SHRINK_MS = 90_000

/** `shrinks` is false where it is enough to know that one breaks. `isSwarm`: with much in common, other things in each block. */
export type Block = { seed: number; runs: number; shrinks?: boolean; isSwarm?: boolean }
/** `broken`: the first promise that did not hold, with the schedule that is left after shrinking. */
export type Result = { seed: number; tally: Tally; broken: { promise: string; schedule: Schedule } | null }

parentPort?.on("message", ({ seed, runs, shrinks = true, isSwarm = false }: Block) => {
  const tally = emptyTally()
  let isShrinking = false
  const details = fc.check(
    fc.property(isSwarm ? swarm(seed) : schedules, schedule => {
      const report = simulate(schedule)
      if (!isShrinking) count(tally, report)
      isShrinking ||= report.broken !== null
      return report.broken === null
    }),
    { seed, numRuns: runs, interruptAfterTimeLimit: SHRINK_MS, endOnFailure: !shrinks },
  )
  const [schedule] = details.counterexample ?? []
  const broken = schedule ? { promise: simulate(schedule).broken ?? "nothing, the second time", schedule } : null
  const result: Result = { seed, tally, broken }
  parentPort?.postMessage(result)
})
