// Figures of one part: what was measured, of whom, under which circumstances; every run's own value is kept.

import { loadavg } from "node:os"
import { hardware } from "./machine.ts"
import { spreadOf, type Spread } from "./spread.ts"

/** Circumstances: tabs, engine, … */
export type Where = Readonly<Record<string, string | number>>
export type Measurement = { metric: string; contestant: string; where: Where; values: number[] }
/** What the machine was doing, at each value. */
export type Conditions = { machine: string; loads: number[]; browsers: string[] }
export type Stored = { conditions: Conditions; measurements: Measurement[] }

export class Results {
  /** Some of it is complete: a run that is interrupted later has not been in vain. */
  onComplete = () => {}
  readonly #measurements = new Map<string, Measurement>()
  readonly conditions: Conditions = { machine: hardware(), loads: [], browsers: [] }

  static from({ conditions, measurements }: Stored): Results {
    const results = new Results()
    Object.assign(results.conditions, conditions)
    for (const measurement of measurements) results.#measurements.set(keyOf(measurement), measurement)
    return results
  }

  get isEmpty(): boolean {
    return this.#measurements.size === 0
  }

  add(contestant: string, where: Where, figures: Readonly<Record<string, number>>): void {
    for (const [metric, value] of Object.entries(figures)) {
      const key = keyOf({ metric, contestant, where })
      const known = this.#measurements.get(key)
      if (known) known.values.push(value)
      else this.#measurements.set(key, { metric, contestant, where, values: [value] })
    }
    this.conditions.loads.push(Number(loadavg()[0]?.toFixed(1)))
  }

  browser(version: string): void {
    if (!this.conditions.browsers.includes(version)) this.conditions.browsers.push(version)
  }

  /** What was measured now takes the place of what was measured before. */
  over(before: Results): Results {
    const measurements = new Map(before.#measurements)
    for (const [key, measurement] of this.#measurements) measurements.set(key, measurement)
    const loads = [...before.conditions.loads, ...this.conditions.loads]
    const browsers = [...new Set([...before.conditions.browsers, ...this.conditions.browsers])]
    const conditions = { machine: this.conditions.machine, loads, browsers }
    return Results.from({ conditions, measurements: [...measurements.values()] })
  }

  values(metric: string, contestant: string, where: Where): readonly number[] {
    return this.#measurements.get(keyOf({ metric, contestant, where }))?.values ?? []
  }

  /** Of no values it is all `NaN`. */
  spread(metric: string, contestant: string, where: Where): Spread {
    return spreadOf(this.values(metric, contestant, where))
  }

  /** In the order in which they were first measured. */
  contestants(metric: string, where: Where = {}): string[] {
    return [...new Set(this.#of(metric, where).map(({ contestant }) => contestant))]
  }

  /** The values that one circumstance had, in ascending order. */
  each<Value extends string | number>(circumstance: string, metric: string, where: Where = {}): Value[] {
    const values = this.#of(metric, where).map(each => each.where[circumstance] as Value)
    return [...new Set(values)].toSorted((a, b) => (typeof a === "number" ? a - Number(b) : a < b ? -1 : 1))
  }

  toJSON(): Stored {
    return { conditions: this.conditions, measurements: [...this.#measurements.values()] }
  }

  #of(metric: string, where: Where): Measurement[] {
    return [...this.#measurements.values()].filter(
      each => each.metric === metric && Object.entries(where).every(([name, value]) => each.where[name] === value),
    )
  }
}

function keyOf({ metric, contestant, where }: Omit<Measurement, "values">): string {
  const circumstances = Object.entries(where).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([metric, contestant, circumstances])
}
