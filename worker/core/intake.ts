// Live messages on their way into the log. While a catch-up runs they are held, because what is older must come first;
// and where an application prefers order to speed they wait for `reorderFor`.

import type { Identity } from "../../shared/entry.ts"
import type { Context } from "./context.ts"
import { Hold } from "./hold.ts"
import type { LiveEntry } from "./log.ts"
import type { Timer } from "./timers.ts"

export class Intake {
  #isHolding = false
  readonly #held = new Hold()
  readonly #unsorted = new Hold()
  readonly #ctx: Context
  readonly #append: (entry: LiveEntry) => void
  readonly #reorderTimer: Timer

  constructor(ctx: Context, append: (entry: LiveEntry) => void) {
    this.#ctx = ctx
    this.#append = append
    this.#reorderTimer = ctx.timer(() => this.#sort())
  }

  get isHolding(): boolean {
    return this.#isHolding
  }

  get waiting(): number {
    return this.#held.count + this.#unsorted.count
  }

  hold(): void {
    this.#isHolding = true
  }

  release(): void {
    this.#isHolding = false
    for (const entry of this.#held.release()) this.#append(entry)
  }

  /** Persisted messages had to be dropped while holding: they are at the server, and catch-up has to ask once more. */
  takeOverflow(): boolean {
    const { overflowed } = this.#held
    this.#held.overflowed = false
    return overflowed
  }

  add(entry: LiveEntry, { id, at }: Identity, reorderFor: number): void {
    if (this.#isHolding) return this.#held.add({ entry, order: null, until: Infinity })
    if (reorderFor === 0) return this.#append(entry)
    this.#unsorted.add({ entry, order: orderOf(id, at), until: this.#ctx.now + reorderFor })
    this.#sort()
  }

  close(): void {
    this.#reorderTimer.clear()
  }

  #sort(): void {
    for (const entry of this.#unsorted.due(this.#ctx.now)) this.#append(entry)
    const { next } = this.#unsorted
    if (next !== null) this.#reorderTimer.set(next)
  }
}

/** The server's order where it can be known: integer ids, else times. */
function orderOf(id: string | null, at: number | null): number | null {
  if (id !== null && /^\d{1,15}$/.test(id)) return Number(id)
  return at
}
