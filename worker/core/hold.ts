// Live messages that may not go out yet: while a catch-up runs, what is older must come first (case 17); and where an
// application prefers order to speed, for `reorderFor`.

import type { LiveEntry } from "./log.ts"
import { LOG_BYTES, LOG_ENTRIES } from "./log.ts"

export type Held = { entry: LiveEntry; order: number | null; until: number }

/** Bounded like the log, and counted against it. */
export class Hold {
  #held: Held[] = []
  #bytes = 0
  /** Persisted messages had to be dropped: they are at the server, and catch-up has to ask once more. */
  overflowed = false

  get count(): number {
    return this.#held.length
  }

  /** When the first may go; `null` if there is none. */
  get next(): number | null {
    return this.#held[0]?.until ?? null
  }

  add(held: Held): void {
    this.#held.push(held)
    this.#bytes += held.entry.text.length
    while (this.#held.length > LOG_ENTRIES || this.#bytes > LOG_BYTES) this.#drop()
  }

  /** Everything, in order of arrival. */
  release(): LiveEntry[] {
    const entries = this.#held.map(held => held.entry)
    this.#held = []
    this.#bytes = 0
    return entries
  }

  /** What has waited long enough, and whatever the server's order puts before it. */
  due(now: number): LiveEntry[] {
    const sorted = this.#held.every(held => held.order !== null)
      ? this.#held.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
      : this.#held
    const last = sorted.findLastIndex(held => held.until <= now)
    const due = new Set(sorted.slice(0, last + 1))
    this.#held = this.#held.filter(held => !due.has(held))
    for (const { entry } of due) this.#bytes -= entry.text.length
    return [...due].map(held => held.entry)
  }

  #drop(): void {
    const dropped = this.#held.shift()
    if (!dropped) return
    this.#bytes -= dropped.entry.text.length
    if (dropped.entry.id !== null) this.overflowed = true
  }
}
