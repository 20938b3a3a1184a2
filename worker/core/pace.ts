// When live messages go out. At once, as long as they are few: nobody should wait for the second of three. A batch costs
// its tab a quarter of a millisecond of processor whatever is in it, so when messages come faster than anybody reads them,
// they go out together; this made floods four times as cheap.

import type { Context } from "./context.ts"
import { BATCH_BYTES } from "./tab.ts"

/** So many may go at once, and another one every so many milliseconds. */
const SPARE = 32
const SPARE_EVERY_MS = 4
/** What waits together waits no longer than this: about a frame of the screen, or a millisecond for each tab. */
const LEAST_MS = 8
const MOST_MS = 32
/** Nor when there are so many messages, or one more like the last would not fit into a batch: the log is bounded. */
const FULL = 256

export class Pace {
  /** False where timers may come a minute late, as in a page that is hidden: there nothing waits. */
  hasTimers = true
  /** How many tabs are attached. */
  tabs = 0
  #spare = SPARE
  #refilledAt = 0
  #waiting = 0
  #waitingBytes = 0
  #flushedAt = -Infinity
  readonly #ctx: Context
  readonly #timer

  constructor(ctx: Context) {
    this.#ctx = ctx
    this.#timer = ctx.timer(() => ctx.flush())
  }

  /** Something goes out soon, without anybody's asking. */
  get isSet(): boolean {
    return this.#timer.at !== null
  }

  /** A live message of so many UTF-16 units is in the log. */
  message(bytes: number): void {
    this.#waiting += 1
    this.#waitingBytes += bytes
    const isFull = this.#waiting >= FULL || this.#waitingBytes + bytes >= BATCH_BYTES
    if (!this.hasTimers || isFull || (!this.isSet && this.#takeSpare())) this.#ctx.flush()
    else if (!this.isSet) this.#timer.set(this.#flushedAt + Math.min(MOST_MS, Math.max(LEAST_MS, this.tabs)))
  }

  /** All that waited goes out now. */
  flushed(): void {
    if (this.#waiting > 0 && this.#spare === 0) this.#refilledAt = this.#ctx.now // a flood earns nothing
    this.#waiting = this.#waitingBytes = 0
    this.#flushedAt = this.#ctx.now
    this.#timer.clear()
  }

  #takeSpare(): boolean {
    const earned = Math.floor((this.#ctx.now - this.#refilledAt) / SPARE_EVERY_MS)
    this.#refilledAt += earned * SPARE_EVERY_MS
    this.#spare = Math.min(SPARE, this.#spare + earned)
    if (this.#spare === 0) return false
    this.#spare -= 1
    return true
  }
}
