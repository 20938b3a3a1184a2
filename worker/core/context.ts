// What every noun of the core has at hand: the moment, chance, the way out for effects, deadlines and counters. All of it
// is given from outside, so the same events always give the same effects.

import type { Effect } from "./event.ts"
import { Pace } from "./pace.ts"
import { Timer, Timers } from "./timers.ts"

export class Context {
  /** Milliseconds of the hub's monotonic clock, as of the event being handled. */
  now = 0
  random: () => number = () => 0
  /** The server's time at `now`, in milliseconds, once a ping has told it. */
  #serverOffset: number | null = null
  readonly timers = new Timers()
  readonly pace = new Pace(this)
  readonly counters: Record<string, number> = {}
  #effects: Effect[] = []
  #flushing = false
  #numbers = 0

  emit(effect: Effect): void {
    this.#effects.push(effect)
  }

  /** The effects since the last call, in order. */
  take(): Effect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  /** Something is ready for the tabs. They get it a moment later, with all that arrives until then. */
  flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.emit({ type: "flush" })
  }

  /** A live message of so many UTF-16 units is ready: the same, as soon as the pace allows it. */
  flushLive(bytes: number): void {
    if (!this.#flushing) this.pace.message(bytes)
  }

  flushed(): void {
    this.#flushing = false
    this.pace.flushed()
  }

  /** The tabs get whatever is there soon, without anybody's asking. */
  get isFlushing(): boolean {
    return this.#flushing || this.pace.isSet
  }

  timer(run: (late: number) => void): Timer {
    return new Timer(this.timers, run)
  }

  count(name: string, by = 1): void {
    this.counters[name] = (this.counters[name] ?? 0) + by
  }

  /** A number that no cable, ask or fetch of this hub had before. */
  number(): number {
    this.#numbers += 1
    return this.#numbers
  }

  heardServerTime(at: number): void {
    this.#serverOffset = at - this.now
  }

  /** The server's time, at most: pings are whole seconds and travelled. `null` before the first ping. */
  serverNow(): number | null {
    return this.#serverOffset === null ? null : this.now + this.#serverOffset
  }
}

/** Full jitter: anything from nothing to twice as much at each attempt, so that clients do not come back in step. */
export function backoff(attempt: number, most: number, random: number): number {
  return random * Math.min(most, 500 * 2 ** Math.min(attempt, 20))
}
