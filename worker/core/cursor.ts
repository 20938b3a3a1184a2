// A stream's stored row: when it may be written, and how often. It never moves backwards: a tab may attach from a place
// before the one that another tab had already reached, or know less beside it, and until the pages from there have come to
// their end, the row stays.

import { covers, type Position } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Row } from "./event.ts"
import type { Timer } from "./timers.ts"

/** Seen ids change with every batch; a row behind by this much is harmless, a write for each message is not. */
export const SAVE_EVERY_MS = 50

type Guard =
  | { type: "loading" }
  /** The store could not say: whatever it holds may be ahead. */
  | { type: "unread" }
  /** The row stands elsewhere than the stream; nobody knows who is ahead. */
  | { type: "elsewhere"; row: Position }
  | { type: "free" }
  | { type: "closed" }

export class Cursor {
  #guard: Guard = { type: "loading" }
  /** Some reader may stand before the place that the stream was given. */
  #isDoubted = false
  /** What the store has, as far as this hub knows. */
  #stored: Row | null = null
  #dirty = false
  readonly #ctx: Context
  readonly #position: () => Position | undefined
  readonly #write: (position: Position, over: Row | null) => Row | null
  readonly #timer: Timer

  /**
   * @param position what is to be stored now; `undefined` while unknown
   * @param write answers with the row; `null` while this hub may not write: `changed` tries again
   */
  constructor(
    ctx: Context,
    position: () => Position | undefined,
    write: (position: Position, over: Row | null) => Row | null,
  ) {
    this.#ctx = ctx
    this.#position = position
    this.#write = write
    this.#timer = ctx.timer(() => this.#save())
  }

  get isLoading(): boolean {
    return this.#guard.type === "loading"
  }

  /** The stream begins anew, from wherever its next reader stands: the row has to be compared again. */
  load(): void {
    this.#isDoubted = false
    this.#guard = { type: "loading" }
  }

  /** @param row what the store answered; `null` for none */
  loaded(row: Row | null | "failed"): void {
    this.#stored = row === "failed" ? null : row
    if (row === "failed") this.#guard = { type: "unread" }
    else this.#guard = row ? { type: "elsewhere", row: row.position } : { type: "free" }
    this.changed()
  }

  /** Another hub has written, as a page on its own does: who is ahead has to be found out again. */
  refused(row: Row): void {
    if (this.#guard.type !== "loading") this.loaded(row)
  }

  /** The stream starts from another place after all, which may be before the stored one. */
  moved(): void {
    if (this.#guard.type === "free" && this.#stored) this.#guard = { type: "elsewhere", row: this.#stored.position }
    this.changed()
  }

  /** Where the stream starts may be beyond what some reader has had. */
  doubted(): void {
    this.#isDoubted = true
  }

  /** The position has changed, or is known now. */
  changed(): void {
    this.#dirty = true
    this.#compare()
    if (this.#timer.at === null) this.#save()
  }

  /**
   * A run came to the end of what there is, all of it named: the row's place is behind or among it, or no longer exists.
   *
   * @param areAllThere no reader may still lack what the stream has had
   */
  completed(areAllThere: boolean): void {
    const isBehind = this.#guard.type === "elsewhere" || this.#guard.type === "unread"
    const isCleared = this.#isDoubted && areAllThere
    if (isBehind) this.#guard = { type: "free" }
    if (isCleared) this.#isDoubted = false
    if (isBehind || isCleared) this.changed()
  }

  /** The last word, if it may be written. */
  close(): void {
    this.#save()
    this.#guard = { type: "closed" }
    this.#timer.clear()
  }

  /** From the row's own place, with all that the row has seen, nothing is lost by writing. */
  #compare(): void {
    if (this.#guard.type !== "elsewhere") return
    const { row } = this.#guard
    const position = this.#position()
    if (!position) return
    const claimsNothing = row.after === null && row.seen.length === 0
    if (claimsNothing || covers(position, row)) this.#guard = { type: "free" }
  }

  #save(): void {
    if (!this.#dirty || this.#isDoubted || this.#guard.type !== "free") return
    const position = this.#position()
    const written = position && this.#write(position, this.#stored)
    if (!written) return
    this.#stored = written
    this.#dirty = false
    this.#timer.set(this.#ctx.now + SAVE_EVERY_MS)
  }
}
