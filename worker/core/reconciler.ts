// When a stream on a healthy cable looks for what it was not told: soon after each confirmation, which proves little;
// every `reconcileEvery` while somebody is looking; when a page wakes; and when `seen` fills up.

import type { StreamSettings } from "../../shared/bridge.ts"
import type { Context } from "./context.ts"
import type { Timer } from "./timers.ts"

/** A confirmation comes before the broker has really subscribed; what fell between is found by asking once more. */
export const RECONCILE_AFTER_MS = 2_000

/** `later`: something is being asked already, perhaps since before a message that this is to find. */
export type Began = "now" | "later" | "never"

export interface ReconcilerHost {
  /** `null` while nobody catches up. */
  readonly settings: StreamSettings | null
  /** Some visible tab wants this stream. */
  isWatched(): boolean
  /** Since when ids crowd that would soon be forgotten and their messages fetched again; `null` if there is room. */
  pressedSince(): number | null
  /** `done` or `postpone` follows, unless there was nothing to ask. */
  reconcile(): Began
}

export class Reconciler {
  #lastAt = -Infinity
  /** When the one that follows a confirmation is due, whoever is looking; `null` once it has begun. */
  #firstAt: number | null = null
  readonly #ctx: Context
  readonly #host: ReconcilerHost
  readonly #timer: Timer

  constructor(ctx: Context, host: ReconcilerHost) {
    this.#ctx = ctx
    this.#host = host
    this.#timer = ctx.timer(() => this.#onTimer())
  }

  confirmed(): void {
    this.#firstAt = this.#ctx.now + RECONCILE_AFTER_MS
  }

  /** One has ended: the next comes in its time. */
  done(): void {
    const { settings } = this.#host
    if (this.#firstAt !== null) this.#timer.set(Math.max(this.#firstAt, this.#ctx.now))
    else if (settings) this.#timer.set(this.#ctx.now + settings.reconcileEvery)
  }

  /** One could not be finished. */
  postpone(): void {
    const { settings } = this.#host
    if (settings) this.#timer.set(this.#ctx.now + settings.settleFor)
  }

  /** A page woke up or became visible. */
  wake(): void {
    const { settings } = this.#host
    if (settings && this.#firstAt === null && this.#ctx.now - this.#lastAt >= settings.settleFor) this.#run()
  }

  /** More ids were taken: visible or not, but at most once per `settleFor`. */
  relieve(): void {
    const { settings } = this.#host
    const since = this.#host.pressedSince()
    if (!settings || since === null) return
    // Before the oldest of them has settled, no page could cover it.
    const due = Math.max(Math.max(this.#lastAt, since) + settings.settleFor, this.#ctx.now)
    if (this.#timer.at === null || this.#timer.at > due) this.#timer.set(due)
  }

  stop(): void {
    this.#timer.clear()
  }

  #onTimer(): void {
    if (this.#firstAt !== null || this.#host.pressedSince() !== null || this.#host.isWatched()) this.#run()
    else this.done()
  }

  #run(): void {
    this.#timer.clear()
    const began = this.#host.reconcile()
    if (began === "later") return this.postpone()
    if (began === "now") this.#ctx.count("reconciles")
    if (this.#firstAt !== null && this.#firstAt <= this.#ctx.now) this.#firstAt = null
    this.#lastAt = this.#ctx.now
    if (this.#timer.at === null) this.done()
  }
}
