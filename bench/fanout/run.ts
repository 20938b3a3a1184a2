// One run: one contestant, so many fresh tabs, a warm-up that finds out how much is enough, and the flood that counts.

import type { Chromium } from "./chromium.ts"
import type { Contestant } from "./contestants.ts"
import { cpuTime } from "./cpu.ts"
import { Room, type Flood } from "./room.ts"
import type { BenchServer } from "./server.ts"
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

export type Place = { server: BenchServer; chromium: Chromium }

const FIRST_FLOOD = 200
const MOST_GROWTH = 8
/** A tab tells its progress so many times per window. */
const STEPS = 4

let runs = 0

/** @param seconds how long the counted flood should last */
export async function run(place: Place, contestant: Contestant, tabs: number, seconds: number): Promise<Result> {
  return withTabs(place, contestant, tabs, async room => {
    const count = await warmUp(room, seconds * 1_000)
    const { pid } = place.chromium
    const used = cpuTime(pid)
    const flood = await room.flood(count)
    return resultOf(flood, tabs, cpuTime(pid) - used)
  })
}

/** Opens the tabs, waits until each would get a message, and closes them in the end. */
export async function withTabs<T>(
  { server, chromium }: Place,
  { page, query, window }: Contestant,
  tabs: number,
  use: (room: Room) => Promise<T>,
): Promise<T> {
  runs += 1
  const room = new Room(`room-${runs}`, tabs, window ?? Infinity)
  const address = `${server.origin}/pages/${page}?room=${room.id}&step=${(window ?? Infinity) / STEPS}&${query}`
  server.open(room)
  const closers: (() => Promise<void>)[] = []
  try {
    for (let tab = 0; tab < tabs; tab++) {
      closers.push(await chromium.open(`${address}&tab=${tab}`))
    }
    await room.everybodyReady()
    return await use(room)
  } finally {
    for (const close of closers) await close()
    await room.empty()
    server.close(room)
  }
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
    const enough = Math.round((count * ms) / flood.ms)
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
