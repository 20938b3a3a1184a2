// Live messages on their way into the log: held while a catch-up runs, sorted where that is wanted.

import type { Identity } from "../../shared/entry.ts"
import type { Context } from "./context.ts"
import { Hold } from "./hold.ts"
import type { LiveEntry, Log } from "./log.ts"
import { Reorder } from "./reorder.ts"
import type { Timer } from "./timers.ts"

export class Intake {
  #isHolding = false
  readonly #hold: Hold
  readonly #reorder = new Reorder()
  readonly #ctx: Context
  readonly #append: (entry: LiveEntry) => void
  readonly #reorderTimer: Timer
  readonly #holdTimer: Timer

  constructor(ctx: Context, log: Log, append: (entry: LiveEntry) => void) {
    this.#ctx = ctx
    this.#append = append
    this.#hold = new Hold(log)
    this.#reorderTimer = ctx.timer(() => this.#sort())
    this.#holdTimer = ctx.timer(() => this.release())
  }

  get waiting(): number {
    return this.#hold.count + this.#reorder.count
  }

  hold(): void {
    this.sortOut()
    this.#isHolding = true
  }

  /** What waits to be sorted goes out: it came before what happens now. */
  sortOut(): void {
    for (const entry of this.#reorder.release()) this.#append(entry)
  }

  /** If it holds, then no longer than so many milliseconds from now: a catch-up that fails may not leave people deaf. */
  holdFor(ms: number): void {
    if (this.#isHolding) this.#holdTimer.set(this.#ctx.now + ms)
  }

  /** For as long as it takes: nothing is being asked that could fail. */
  holdOn(): void {
    this.#holdTimer.clear()
  }

  release(): void {
    this.#isHolding = false
    this.letThrough()
  }

  /** What waits goes out; what comes is held on, if it was. */
  letThrough(): void {
    this.sortOut()
    for (const entry of this.#hold.release()) this.#append(entry)
  }

  /** Persisted messages had to be dropped while holding: catch-up has to ask once more. */
  takeOverflow(): boolean {
    return this.#hold.takeOverflow()
  }

  add(entry: LiveEntry, identity: Identity, reorderFor: number): void {
    if (this.#isHolding) return this.#hold.add(entry)
    if (reorderFor === 0) return this.#append(entry)
    this.#reorder.add(entry, identity, this.#ctx.now + reorderFor)
    this.#sort()
  }

  close(): void {
    this.#holdTimer.clear()
    this.#reorderTimer.clear()
  }

  #sort(): void {
    for (const entry of this.#reorder.due(this.#ctx.now)) this.#append(entry)
    const { next } = this.#reorder
    if (next !== null) this.#reorderTimer.set(next)
  }
}
