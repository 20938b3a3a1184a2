// What a process and all its descendants have used: processor time, which other work on the machine disturbs far less than
// the clock on the wall, and memory.

import { readdirSync, readFileSync } from "node:fs"

/** Linux counts in hundredths of a second (USER_HZ). */
const TICK_MS = 10

/** @returns milliseconds, of those that still run; `NaN` where there is no /proc */
export function cpuTime(root: number): number {
  return sumOver(root, (_, stat) => (Number(stat[11]) + Number(stat[12])) * TICK_MS)
}

/** @returns MiB of a process and all its descendants; what several of them share counts once */
export function memoryOf(root: number): number {
  return sumOver(root, pid => {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")
      return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024
    } catch {
      return 0 // gone meanwhile
    }
  })
}

function sumOver(root: number, of: (pid: number, stat: readonly string[]) => number): number {
  const parents = new Map<number, number>()
  const stats = new Map<number, string[]>()
  for (const pid of processes()) {
    const fields = statOf(pid)
    if (!fields) continue
    parents.set(pid, Number(fields[1]))
    stats.set(pid, fields)
  }
  if (!stats.has(root)) return NaN
  let sum = 0
  for (const [pid, stat] of stats) if (descends(pid, root, parents)) sum += of(pid, stat)
  return sum
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = parents.get(at)) if (at === root) return true
  return false
}

function processes(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

/** The fields after the command's name, which may hold spaces: state, parent, … */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  } catch {
    return null // gone meanwhile
  }
}
