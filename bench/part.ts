// A part of the benchmarks, by name: what it measures, and what it makes of the figures.

import type { Engine } from "./lab/browser.ts"
import type { Stage } from "./lab/stage.ts"
import type { Results } from "./results.ts"
import type { Section } from "./section.ts"

/** `null`: as the part thinks best. */
export type Plan = {
  isQuick: boolean
  runs: number | null
  seconds: number | null
  engines: readonly Engine[] | null
  tabs: readonly number[] | null
  payloads: readonly number[] | null
  /** Of contestants' names. */
  only: RegExp
}

export type Part = {
  name: string
  measure(stage: Stage, plan: Plan, results: Results): Promise<void>
  section(results: Results): Section
}
