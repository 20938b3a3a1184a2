// Fan-out: WebSocket frames into one browser → `received` in N tabs. Ours beside what one would use instead and the
// physical ceiling.

import {
  CABLE_SHARED_WORKER,
  CEILINGS,
  NAIVE,
  ON_OTHER_HOSTS,
  OURS,
  RAILS,
  type Contestant,
} from "../lab/contestants.ts"
import type { Engine } from "../lab/browser.ts"
import { runFlood, type Result } from "../lab/flood.ts"
import { MESSAGE_BYTES } from "../lab/message.ts"
import { growthOf } from "../growth.ts"
import type { Part, Plan } from "../part.ts"
import type { Results } from "../results.ts"
import { inTurns } from "../rounds.ts"
import { cell, count, type Goal, type Section, type Table } from "../section.ts"

/** Browser, bytes of a message, tabs. */
type Cell = { engine: Engine; bytes: number; tabs: number }

const MAIN = [OURS, RAILS, CABLE_SHARED_WORKER, NAIVE, ...CEILINGS]
const ALL = [OURS, ...ON_OTHER_HOSTS, ...MAIN.slice(1)]

export const fanOut: Part = {
  name: "fan-out",

  async measure({ server }, plan, results) {
    for (const { engine, bytes, tabs } of cellsOf(plan)) {
      const contestants = contestantsAt(engine, bytes, plan).filter(({ name }) => plan.only.test(name))
      await inTurns(engine, plan.runs ?? (plan.isQuick ? 3 : 5), contestants, results, async (contestant, browser) => {
        const result = await runFlood({ server, browser }, contestant, { tabs, bytes }, plan.seconds ?? 0.5)
        results.add(contestant.name, { engine, bytes, tabs }, figures(result))
      })
    }
  },

  section(results) {
    const tables: Table[] = []
    const goals: Goal[] = []
    for (const engine of results.each<Engine>("engine", "rate")) {
      for (const bytes of results.each<number>("bytes", "rate", { engine })) {
        tables.push(...tablesOf(results, engine, bytes))
      }
      goals.push(...goalsOf(results, engine))
    }
    return { title: "Fan-out", tables, charts: chartsOf(results), goals, remarks: remarksOn(results) }
  },
}

function cellsOf(plan: Plan): Cell[] {
  const all: Cell[] = []
  const add = (engine: Engine, bytes: number, usual: readonly number[]) => {
    if (plan.engines && !plan.engines.includes(engine)) return
    if (plan.payloads && !plan.payloads.includes(bytes)) return
    for (const tabs of plan.tabs ?? usual) all.push({ engine, bytes, tabs })
  }
  add("Chromium", MESSAGE_BYTES, plan.isQuick ? [1, 5, 20] : [1, 2, 5, 10, 20])
  if (plan.isQuick && !plan.payloads && !plan.engines) return all
  for (const bytes of [2_000, 20_000]) add("Chromium", bytes, [1, 20])
  add("Firefox", MESSAGE_BYTES, [1, 20])
  // For who asks.
  if (plan.engines && plan.payloads) for (const bytes of [2_000, 20_000]) add("Firefox", bytes, [1, 20])
  return all
}

/** Large messages tell how much a copy costs, and the other hosts how much a wire does: not everybody need show each. */
function contestantsAt(engine: Engine, bytes: number, plan: Plan): readonly Contestant[] {
  if (bytes !== MESSAGE_BYTES) return [OURS, RAILS, CABLE_SHARED_WORKER, ...CEILINGS]
  return engine === "Chromium" && !plan.isQuick ? ALL : MAIN
}

function figures({ rate, cpu, lost, repeats, disorder, requests }: Result): Record<string, number> {
  return { rate: rate / 1_000, cpu, lost, repeats, disorder, requests }
}

function tablesOf(results: Results, engine: Engine, bytes: number): Table[] {
  const tabCounts = results.each<number>("tabs", "rate", { engine, bytes })
  const head = (what: string) => [what, ...tabCounts.map(tabs => count(tabs, "tab"))]
  const names = results.contestants("rate", { engine, bytes })
  const rows = (metric: string) =>
    names.map(name => [name, ...tabCounts.map(tabs => cell(results.spread(metric, name, { engine, bytes, tabs })))])
  const ratios = (["ceiling", "direct", "shared", "naive"] as const).map(role => [
    `Trunkline ÷ ${role}`,
    ...tabCounts.map(tabs => shown(ratio(results, role, "rate", { engine, bytes, tabs }))),
  ])
  return [
    {
      title: `${engine}, messages of ${bytes.toLocaleString("en")} bytes, thousand deliveries a second in all tabs together`,
      head: head("median [least–most]"),
      rows: [...rows("rate"), ...ratios],
    },
    {
      title: `${engine}, messages of ${bytes.toLocaleString("en")} bytes, the browser's processor time per delivery in µs`,
      head: head("median [least–most]"),
      rows: [
        ...rows("cpu"),
        [
          "ceiling ÷ Trunkline",
          ...tabCounts.map(tabs => shown(1 / ratio(results, "ceiling", "cpu", { engine, bytes, tabs }))),
        ],
      ],
    },
  ]
}

/** Of medians, over the best of the others. */
function ratio(results: Results, role: Contestant["role"], metric: "rate" | "cpu", where: Cell): number {
  const others = ALL.filter(each => each.role === role).map(({ name }) => results.spread(metric, name, where).median)
  const known = others.filter(value => value > 0)
  if (known.length === 0) return NaN
  return results.spread(metric, OURS.name, where).median / (metric === "rate" ? Math.max(...known) : Math.min(...known))
}

function shown(ratio: number): string {
  return Number.isNaN(ratio) ? "–" : ratio.toFixed(2)
}

function goalsOf(results: Results, engine: Engine): Goal[] {
  const goal = (what: string, role: Contestant["role"], tabs: number, least: number): Goal[] => {
    const seen = ratio(results, role, "rate", { engine, bytes: MESSAGE_BYTES, tabs })
    if (Number.isNaN(seen)) return []
    return [
      {
        goal: `${engine}, ${count(tabs, "tab")}: fan-out ≥ ${least} × ${what}`,
        seen: `${seen.toFixed(2)} ×`,
        isMet: seen >= least,
      },
    ]
  }
  return [
    ...goal("the ceiling", "ceiling", 20, 0.8),
    ...goal("cable-shared-worker's way", "shared", 20, 8),
    ...goal("a direct @rails/actioncable socket", "direct", 1, 0.8),
  ]
}

function chartsOf(results: Results): Section["charts"] {
  return results.each<Engine>("engine", "rate").map(engine => {
    const where = { engine, bytes: MESSAGE_BYTES }
    const tabCounts = results.each<number>("tabs", "rate", where)
    return {
      name: `fan-out-${engine.toLowerCase()}`,
      title: `Fan-out in ${engine}, messages of ${MESSAGE_BYTES} bytes`,
      x: "tabs",
      y: "thousand deliveries a second, all tabs together",
      series: results.contestants("rate", where).map(name => ({
        name,
        points: tabCounts.map(tabs => ({ x: tabs, ...results.spread("rate", name, { ...where, tabs }) })),
      })),
    }
  })
}

/** A figure for messages that did not all come, or not by the shortest way, must not stand alone. */
function remarksOn(results: Results): string[] {
  const remarks: string[] = []
  for (const [metric, what] of [
    ["lost", "lost"],
    ["repeats", "repeated"],
    ["disorder", "after a later one"],
    ["requests", "catch-up pages asked for"],
  ] as const) {
    for (const name of results.contestants(metric)) {
      let sum = 0
      for (const engine of results.each<Engine>("engine", metric)) {
        for (const bytes of results.each<number>("bytes", metric)) {
          for (const tabs of results.each<number>("tabs", metric)) {
            for (const value of results.values(metric, name, { engine, bytes, tabs })) sum += value
          }
        }
      }
      if (sum > 0) remarks.push(`${name}: ${sum.toLocaleString("en")} ${what} in all runs.`)
    }
  }
  for (const engine of results.each<Engine>("engine", "cpu")) {
    for (const name of [OURS.name, RAILS.name, CABLE_SHARED_WORKER.name]) {
      const where = { engine, bytes: MESSAGE_BYTES }
      const points = results.each<number>("tabs", "cpu", where).flatMap(tabs => {
        const { median } = results.spread("cpu", name, { ...where, tabs })
        return Number.isNaN(median) ? [] : [[tabs, tabs * median] as const]
      })
      if (points.length < 3) continue
      const { fixed, each, power } = growthOf(points)
      remarks.push(
        `Law, ${engine}: a message costs ${name} ${fixed.toFixed(0)} + ${each.toFixed(1)} × tabs µs of processor; as a power of the tabs, ${power.toFixed(2)}.`,
      )
    }
  }
  return remarks
}
