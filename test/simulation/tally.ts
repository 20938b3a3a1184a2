// What a number of schedules did, added up: whether they were worth running, and which fault met which phase how often.

import type { Report } from "./driver.ts"
import { FAULTS } from "./schedule.ts"

export const PHASES = ["detached", "confirming", "recovering", "live"] as const

/** As data, so that it can be stored and crosses between threads. */
export type Tally = {
  schedules: number
  events: number
  requests: number
  received: number
  /** How many schedules had so many of each, for the medians. */
  perSchedule: { events: Record<number, number>; tabs: Record<number, number>; faults: Record<number, number> }
  met: Record<string, number>
}

export function emptyTally(): Tally {
  return {
    schedules: 0,
    events: 0,
    requests: 0,
    received: 0,
    perSchedule: { events: {}, tabs: {}, faults: {} },
    met: {},
  }
}

export function count(tally: Tally, { events, tabs, faults, requests, received, met }: Report): void {
  tally.schedules += 1
  tally.events += events
  tally.requests += requests
  tally.received += received
  add(tally.perSchedule.events, Math.floor(events / 50) * 50, 1)
  add(tally.perSchedule.tabs, tabs, 1)
  add(tally.perSchedule.faults, faults, 1)
  for (const [cell, times] of met) add(tally.met, cell, times)
}

export function join(a: Tally, b: Tally): void {
  a.schedules += b.schedules
  a.events += b.events
  a.requests += b.requests
  a.received += b.received
  for (const key of ["events", "tabs", "faults"] as const) {
    for (const [value, times] of Object.entries(b.perSchedule[key])) add(a.perSchedule[key], Number(value), times)
  }
  for (const [cell, times] of Object.entries(b.met)) add(a.met, cell, times)
}

export function median(values: Record<number, number>): number {
  const total = Object.values(values).reduce((sum, times) => sum + times, 0)
  let passed = 0
  for (const [value, times] of Object.entries(values).toSorted(([a], [b]) => Number(a) - Number(b))) {
    passed += times
    if (passed * 2 >= total) return Number(value)
  }
  return 0
}

/** Lines of text: faults down, phases across. */
export function table({ met }: Tally): string[] {
  const cells = (fault: string) => PHASES.map(phase => String(met[`${fault} ${phase}`] ?? 0).padStart(12)).join("")
  return [
    `${"".padEnd(16)}${PHASES.map(phase => phase.padStart(12)).join("")}`,
    ...FAULTS.map(fault => fault.padEnd(16) + cells(fault)),
  ]
}

/** The cell that was met least, of all faults and phases. */
export function rarest({ met }: Tally): { cell: string; times: number } {
  const all = FAULTS.flatMap(fault => PHASES.map(phase => `${fault} ${phase}`))
  const [first = "", ...rest] = all
  const cell = rest.reduce((least, other) => ((met[other] ?? 0) < (met[least] ?? 0) ? other : least), first)
  return { cell, times: met[cell] ?? 0 }
}

function add<K extends string | number>(counts: Record<K, number>, key: K, times: number): void {
  counts[key] = (counts[key] ?? 0) + times
}
