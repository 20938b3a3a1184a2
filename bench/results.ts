// Figures of one part: what was measured, of whom, under which circumstances; every run is kept by itself.

import { loadavg } from "node:os"
import { hardware } from "./machine.ts"
import { spreadOf, type Spread } from "./spread.ts"

/** Circumstances: tabs, engine, … */
export type Where = Readonly<Record<string, string | number>>
/** `load`: what else the machine was doing; `browser`: its version, or `null` where none was needed. */
export type Run = {
  contestant: string
  where: Where
  figures: Readonly<Record<string, number>>
  load: number
  browser: string | null
}
export type Stored = { machine: string; runs: Run[] }
export type Conditions = { machine: string; loads: readonly number[]; browsers: readonly string[] }

export class Results {
  /** Some of it is complete: a run that is interrupted later has not been in vain. */
  onComplete = () => {}
  readonly #machine: string
  readonly #runs: Run[]
  #browser: string | null = null

  constructor({ machine, runs }: Stored = { machine: hardware(), runs: [] }) {
    this.#machine = machine
    this.#runs = runs
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  get conditions(): Conditions {
    const browsers = this.#runs.flatMap(({ browser }) => browser ?? [])
    return { machine: this.#machine, loads: this.#runs.map(({ load }) => load), browsers: [...new Set(browsers)] }
  }

  add(contestant: string, where: Where, figures: Run["figures"]): void {
    const load = Number(loadavg()[0]?.toFixed(1))
    this.#runs.push({ contestant, where, figures, load, browser: this.#browser })
  }

  /** In which the next ones run. */
  browser(version: string): void {
    this.#browser = version
  }

  /** What was measured now takes the place of what was measured before. */
  over(before: Results): Results {
    const cells = new Map([...byCell(before.#runs), ...byCell(this.#runs)])
    return new Results({ machine: this.#machine, runs: [...cells.values()].flat() })
  }

  values(metric: string, contestant: string, where: Where): readonly number[] {
    const cell = cellOf({ contestant, where })
    return this.#runs.flatMap(run => (cellOf(run) === cell ? (run.figures[metric] ?? []) : []))
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
    return { machine: this.#machine, runs: this.#runs }
  }

  #of(metric: string, where: Where): Run[] {
    return this.#runs.filter(
      run => metric in run.figures && Object.entries(where).every(([name, value]) => run.where[name] === value),
    )
  }
}

function byCell(runs: readonly Run[]): Map<string, Run[]> {
  const cells = new Map<string, Run[]>(runs.map(run => [cellOf(run), []]))
  for (const run of runs) cells.get(cellOf(run))?.push(run)
  return cells
}

/** Runs of one cell are runs of the same. */
function cellOf({ contestant, where }: Pick<Run, "contestant" | "where">): string {
  const circumstances = Object.entries(where).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([contestant, circumstances])
}
