// Where a stream started, and from which entry of its log on somebody who starts at the same place misses nothing.

import type { Start } from "../../shared/bridge.ts"
import { covers, join, type Position } from "../../shared/position.ts"

/** `cursor` and `now` have yet to be found out, from the store or the endpoint; `placed` has a position, or none can be had. */
export type Stage = "none" | "cursor" | "now" | "placed"

export class Origin {
  stage: Stage = "none"
  #start: Start | null = null
  /** Where `cursor` or `now` was found to be. */
  foundAt: Position | null = null
  /** Where in the log the stream began. */
  seq = 0

  begin(start: Start, seq: number): void {
    this.stage = start.from === "cursor" || start.from === "now" ? start.from : "placed"
    this.#start = start
    this.foundAt = null
    this.seq = seq
  }

  /** There is no row: "cursor" means "now" from here on. */
  becomeNow(): void {
    this.stage = "now"
    if (this.#start) this.#start = { from: "now" }
  }

  /** Nobody is left for whom ids are read: whoever catches up next begins the stream anew. */
  forget(): void {
    this.stage = "none"
    this.#start = null
  }

  /** The log no longer holds all that came since. */
  close(): void {
    this.#start = null
  }

  /** @returns the seq from which somebody who starts here may follow the log; `null` if not everything is in it */
  follow(start: Start, oldest: number): number | null {
    const own = this.#start
    if (!own || this.seq < oldest) return null
    if ("position" in start && "position" in own) return covers(start.position, own.position) ? this.seq : null
    // Who asks for "cursor" where nobody knows one gets "now".
    return start.from === own.from || (start.from === "cursor" && own.from === "now") ? this.seq : null
  }

  /**
   * While nothing has been asked yet, tabs that come from a dead hub a few messages apart can start at one place.
   *
   * @returns the place; `null` if there is none
   */
  startTogether(start: Start): Position | null {
    const own = this.#start
    if (!own || !("position" in start && "position" in own)) return null
    const position = join(start.position, own.position)
    if (!position) return null
    const isSamePlace = start.position.after === own.position.after
    const { from } = position.after === start.position.after ? start : own
    // A rendered list is in the server's order. What came live is not: it may name what lies before the other place.
    if (!isSamePlace && from === "position") return null
    this.#start = { from: isSamePlace ? "position" : from, position }
    return position
  }
}
