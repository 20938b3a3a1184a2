// A clock that stands still until it is told to go on.

import type { Clock } from "../../../shared/clock.ts"

type Alarm = { at: number; run: () => void }

export class ManualClock implements Clock {
  #now = 1_000
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#now + 1_000_000
  }

  random(): number {
    return 0.5
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.#now + ms, run }
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  get alarms(): number {
    return this.#alarms.size
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)
      if (!next) break
      this.#alarms.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = until
  }
}
