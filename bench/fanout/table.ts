// The results for people: rates, processor time, what ours is of the others, and whatever a rate alone would hide.

import { spreadOf } from "../spread.ts"
import type { Contestant } from "./contestants.ts"
import type { Result } from "./run.ts"

/** By contestant, then by number of tabs. */
export type Results = ReadonlyMap<Contestant, ReadonlyMap<number, readonly Result[]>>

type Measure = { title: string; of: (result: Result) => number; best: (...values: number[]) => number }

const RATE: Measure = { title: "thousand deliveries/s", of: ({ rate }) => rate / 1_000, best: Math.max }
const CPU: Measure = { title: "browser's µs of processor per delivery", of: ({ cpu }) => cpu, best: Math.min }

export function report(results: Results, tabCounts: readonly number[]): string {
  return [table(RATE, results, tabCounts), table(CPU, results, tabCounts), remarks(results, tabCounts)].join("\n\n")
}

function table(measure: Measure, results: Results, tabCounts: readonly number[]): string {
  const heads = tabCounts.map(tabs => (tabs === 1 ? "1 tab" : `${tabs} tabs`))
  const row = (title: string, cell: (tabs: number) => string) => [title, ...tabCounts.map(cell)]
  return align([
    [`${measure.title}: median [least–most]`, ...heads],
    ...[...results].map(([{ name }, byTabs]) => row(name, tabs => spread(measure, byTabs.get(tabs) ?? []))),
    row("ours ÷ ceiling (the best of the batches)", tabs => ratio(measure, results, tabs, "ceiling")),
    row("ours ÷ naive", tabs => ratio(measure, results, tabs, "naive")),
  ])
}

function spread({ of }: Measure, runs: readonly Result[]): string {
  const { median, least, most } = spreadOf(runs.map(of))
  return `${median.toFixed(1)} [${least.toFixed(1)}–${most.toFixed(1)}]`
}

/** Of medians. */
function ratio({ of, best }: Measure, results: Results, tabs: number, role: "ceiling" | "naive"): string {
  const medianOf = (wanted: Contestant["role"]) => {
    const medians = [...results]
      .filter(([contestant]) => contestant.role === wanted)
      .map(([, byTabs]) => spreadOf((byTabs.get(tabs) ?? []).map(of)).median)
    return best(...medians)
  }
  const value = medianOf("ours") / medianOf(role)
  return Number.isFinite(value) && value > 0 ? value.toFixed(2) : "–"
}

/** A figure for messages that did not all come, or not by the shortest way, must not stand alone. */
function remarks(results: Results, tabCounts: readonly number[]): string {
  const lines = [...results].flatMap(([{ name }, byTabs]) =>
    tabCounts.flatMap(tabs => {
      const remark = remarkOn(byTabs.get(tabs) ?? [], tabs)
      return remark ? [`${name}, ${tabs} tabs: ${remark}`] : []
    }),
  )
  return lines.join("\n")
}

function remarkOn(runs: readonly Result[], tabs: number): string {
  const sum = (of: (run: Result) => number) => runs.reduce((all, each) => all + of(each), 0)
  const sent = sum(run => run.sent)
  const counts: readonly [number, string][] = [
    [sum(run => run.lost), "lost"],
    [sum(run => run.disorder), "after a later one"],
    [sum(run => run.repeats), "repeated"],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const requests = sum(run => run.requests)
  if (told.length > 0) told.push(`of ${sent * tabs} deliveries`)
  if (requests > 0) told.push(`${requests} catch-up pages for ${sent} messages`)
  return told.join(", ")
}

function align(rows: readonly string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 3)
  return rows.map(row => row.map(pad).join("")).join("\n")
}
