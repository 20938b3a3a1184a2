// How much processor time a process and all its descendants have used: a figure that other work on the machine disturbs
// far less than the clock on the wall.

import { readdirSync, readFileSync } from "node:fs"

/** Linux counts in hundredths of a second (USER_HZ). */
const TICK_MS = 10

/** @returns milliseconds, of those that still run; `NaN` where there is no /proc */
export function cpuTime(root: number): number {
  const parents = new Map<number, number>()
  const times = new Map<number, number>()
  for (const pid of processes()) {
    const fields = statOf(pid)
    if (!fields) continue
    parents.set(pid, Number(fields[1]))
    times.set(pid, (Number(fields[11]) + Number(fields[12])) * TICK_MS)
  }
  if (!times.has(root)) return NaN
  let sum = 0
  for (const [pid, time] of times) if (descends(pid, root, parents)) sum += time
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
