// One flood that counts, after a warm-up that finds out how much is enough.

import { cpuTime } from "./usage.ts"
import type { Contestant } from "./contestants.ts"
import type { Flood, Room } from "./room.ts"
import { withTabs, type Place, type Setting } from "./stage.ts"
import type { Report } from "./word.ts"

/**
 * Deliveries are counted for all tabs together, each message once per tab. `rate` is per second, `cpu` the browser's
 * processor time for one of them in microseconds; `requests` are the catch-up pages asked for meanwhile.
 */
export type Result = {
  rate: number
  cpu: number
  sent: number
  ms: number
  lost: number
  disorder: number
  repeats: number
  requests: number
}

const FIRST_FLOOD = 200
const MOST_GROWTH = 8

/** @param seconds how long the counted flood should last */
export function runFlood(place: Place, contestant: Contestant, setting: Setting, seconds: number): Promise<Result> {
  return withTabs(place, contestant, setting, async room => {
    const count = await warmUp(room, seconds * 1_000)
    const { pid } = place.browser
    const used = cpuTime(pid)
    const flood = await room.flood(count)
    return resultOf(flood, setting.tabs, cpuTime(pid) - used)
  })
}

/**
 * Floods until one lasts about long enough: by then the code is hot, and the next one needs no guess.
 *
 * @returns how many messages make a flood of so many milliseconds
 */
export async function warmUp(room: Room, ms: number): Promise<number> {
  let count = FIRST_FLOOD
  for (;;) {
    const flood = await room.flood(count)
    const enough = Math.max(1, Math.round((count * ms) / flood.ms))
    if (enough < count * 2) return enough
    count = Math.min(count * MOST_GROWTH, enough)
  }
}

function resultOf({ sent, ms, reports, requests }: Flood, tabs: number, cpu: number): Result {
  const sum = (of: (report: Report) => number) => reports.reduce((all, each) => all + of(each), 0)
  const received = sum(({ count }) => count)
  return {
    rate: received / (ms / 1_000),
    cpu: (cpu * 1_000) / received,
    sent,
    ms,
    lost: sent * tabs - received,
    disorder: sum(({ disorder }) => disorder),
    repeats: sum(({ repeats }) => repeats),
    requests,
  }
}
