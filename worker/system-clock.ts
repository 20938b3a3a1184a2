// The only place that reads a clock or waits.

import type { Clock } from "../shared/clock.ts"

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    // Browsers turn longer delays into none at all.
    const timer = setTimeout(run, Math.min(Math.max(0, ms), 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}
