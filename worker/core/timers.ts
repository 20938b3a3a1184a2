// The core's deadlines. Nothing here waits: the shell is told the next one as an `alarm` and answers with a `tick`.

/** All deadlines of one hub. */
export class Timers {
  readonly #armed = new Set<Timer>()
  #next: number | null = null
  #stale = false

  arm(timer: Timer): void {
    this.#armed.add(timer)
    this.#stale = true
  }

  disarm(timer: Timer): void {
    if (this.#armed.delete(timer)) this.#stale = true
  }

  /** The earliest deadline; `null` when there is none. */
  next(): number | null {
    if (this.#stale) {
      this.#next = null
      for (const { at } of this.#armed) if (at !== null && (this.#next === null || at < this.#next)) this.#next = at
      this.#stale = false
    }
    return this.#next
  }

  /** Runs what is due, earliest first; what a deadline arms for now or earlier runs at the next tick. */
  run(now: number): void {
    const due = [...this.#armed].filter(timer => timer.at !== null && timer.at <= now)
    due.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
    for (const timer of due) timer.fire(now)
  }
}

/** One deadline of one noun: set, moved and cleared as often as one likes. */
export class Timer {
  at: number | null = null
  readonly #timers: Timers
  readonly #run: (late: number) => void

  /** @param run gets how many milliseconds too late it is called: a hub that slept hears of it here */
  constructor(timers: Timers, run: (late: number) => void) {
    this.#timers = timers
    this.#run = run
  }

  set(at: number): void {
    this.at = at
    this.#timers.arm(this)
  }

  clear(): void {
    this.at = null
    this.#timers.disarm(this)
  }

  /** Does nothing if it was cleared or moved by a deadline that ran before it. */
  fire(now: number): void {
    const { at } = this
    if (at === null || at > now) return
    this.clear()
    this.#run(now - at)
  }
}
