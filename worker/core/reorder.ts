// Live messages that wait for `reorderFor` to be sorted, where an application prefers the server's order to speed.

import type { Identity } from "../../shared/entry.ts"
import { LOG_ENTRIES, type LiveEntry } from "./log.ts"

type Waiting = { entry: LiveEntry; integer: number | null; at: number | null; until: number }

export class Reorder {
  #waiting: Waiting[] = []

  get count(): number {
    return this.#waiting.length
  }

  /** When the first has waited long enough; `null` if there is none. */
  get next(): number | null {
    return this.#waiting[0]?.until ?? null
  }

  add(entry: LiveEntry, { id, at }: Identity, until: number): void {
    const integer = id !== null && /^\d{1,15}$/.test(id) ? Number(id) : null
    this.#waiting.push({ entry, integer, at, until })
  }

  /** Everything, sorted: nobody will wait for it any more. */
  release(): LiveEntry[] {
    const waiting = this.#sorted()
    this.#waiting = []
    return waiting.map(({ entry }) => entry)
  }

  /** What has waited long enough, or has no room to wait, and whatever the server's order puts before it. */
  due(now: number): LiveEntry[] {
    const surplus = this.#waiting.length - LOG_ENTRIES
    const sorted = this.#sorted()
    const last = sorted.findLastIndex((waiting, index) => waiting.until <= now || index < surplus)
    const due = new Set(sorted.slice(0, last + 1))
    this.#waiting = this.#waiting.filter(waiting => !due.has(waiting))
    return [...due].map(waiting => waiting.entry)
  }

  /** By integer ids where all have one, else by time where all have one, else as they came. */
  #sorted(): Waiting[] {
    const waiting = this.#waiting
    if (waiting.every(({ integer }) => integer !== null)) return by(waiting, ({ integer }) => integer)
    if (waiting.every(({ at }) => at !== null)) return by(waiting, ({ at }) => at)
    return waiting
  }
}

function by(waiting: readonly Waiting[], order: (waiting: Waiting) => number | null): Waiting[] {
  return waiting.toSorted((a, b) => (order(a) ?? 0) - (order(b) ?? 0))
}
