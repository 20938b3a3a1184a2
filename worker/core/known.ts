// What a stream knows of the server's messages: the cursor as it will be stored, and the ids beside it. Only a taken page
// moves `after` (engine rule 2); what tabs took live is remembered beside it (rule 3), within bounds (rule 4).

import { beyond, SEEN_LIMIT, type Id, type Position } from "../../shared/position.ts"
import { IdWindow } from "../../shared/id-window.ts"
import { Aged } from "./aged.ts"
import type { Context } from "./context.ts"

/** Ids up to and including `after` that an endpoint which repeats earlier rows will return again; `after` is the last. */
const BEHIND_LIMIT = 512

/**
 * How many ids are still known, in memory only, when they no longer fit into a position. `after` cannot move for
 * `settleFor`, so on a busy stream pages return thousands of messages that tabs have long taken: were they news, they
 * would push live ones out of the log, and every tab would fall off it.
 */
const TAKEN_LIMIT = 32_768

export class Known {
  /** `undefined`: unknown, which is not the same as from the beginning. */
  #after: Id | null | undefined
  #isSettled = false
  /** Ids that some tab has taken, oldest first, with the time. */
  readonly #seen = new Aged()
  /** Ids that are in the log and that no tab has taken yet, with the time of the hub's first sight. */
  readonly #pending = new Map<Id, number>()
  #behind: ReadonlySet<Id> = new Set()
  /** Ids that have left `seen` for want of room. */
  readonly #taken = new IdWindow(TAKEN_LIMIT)
  /** Of `seen`, what pages of the run have returned. */
  readonly #returned = new Set<Id>()
  readonly #ctx: Context

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  get after(): Id | null | undefined {
    return this.#after
  }

  /** A page has moved `after`: no row will commit before it. Not so where it was told: rendered, stored, or now. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** @returns `undefined` while unknown: then there is nothing to store, and nothing to ask after */
  get position(): Position | undefined {
    if (this.#after === undefined) return undefined
    return { after: this.#after, seen: [...this.#behind, ...this.#seen.ids()].slice(-SEEN_LIMIT) }
  }

  /** The position names all ids that are known. */
  get isWhole(): boolean {
    const { seen, behind, taken } = this.counts
    return taken === 0 && seen + behind <= SEEN_LIMIT
  }

  /** How many ids there are of each kind. */
  get counts(): { pending: number; seen: number; behind: number; taken: number } {
    return {
      pending: this.#pending.size,
      seen: this.#seen.size,
      behind: this.#behind.size,
      taken: this.#taken.size,
    }
  }

  /** When the oldest of `seen` was taken, once half of the room is used; `null` before. */
  get halfFullSince(): number | null {
    if (this.#seen.size < SEEN_LIMIT / 2) return null
    const { oldest } = this.#seen
    return oldest === undefined ? null : (this.#seen.time(oldest) ?? null)
  }

  /** @param position `undefined`: unknown, until the endpoint, the store or the first live message tells */
  start(position: Position | undefined): void {
    this.#after = position?.after
    this.#isSettled = false
    const seen = position ? beyond(position) : []
    this.#behind = new Set(position?.seen.slice(0, -seen.length || undefined))
    this.#seen.clear()
    this.#taken.clear()
    this.#pending.clear() // whoever starts here does not read what is in the log already
    for (const id of seen) this.#seen.add(id, this.#ctx.now)
  }

  /** The hub has this message already, or its page rendered it. */
  has(id: Id): boolean {
    return this.#seen.has(id) || this.#pending.has(id) || this.#taken.has(id) || this.#behind.has(id)
  }

  /** When the hub first saw it, in its own time; `undefined` for news. */
  firstSight(id: Id): number | undefined {
    return this.#seen.time(id) ?? this.#pending.get(id)
  }

  /** It is in the log now. */
  arrived(id: Id): void {
    if (!this.#seen.has(id) && !this.#pending.has(id)) this.#pending.set(id, this.#ctx.now)
  }

  /** A tab has run its callbacks. */
  took(id: Id): void {
    this.#pending.delete(id)
    if (!this.#seen.has(id)) this.#remember(id)
  }

  /** It is in the log, and no tab has taken it. */
  isPending(id: Id): boolean {
    return this.#pending.has(id)
  }

  /** Some tab has taken it, or had it from its page. */
  isTaken(id: Id): boolean {
    return this.has(id) && !this.#pending.has(id)
  }

  /** Some tab has taken it, and the position names it. */
  isSeen(id: Id): boolean {
    return this.#seen.has(id)
  }

  /** It left the log before any tab took it: to a later page it is news. */
  lost(id: Id): void {
    this.#pending.delete(id)
  }

  /**
   * A page was taken.
   *
   * @param covered its ids up to the new `after`, in the server's order
   * @param repeats the endpoint returns rows from before the asked id: then what is covered now will come again
   */
  move(after: Id | null | undefined, covered: readonly Id[], repeats: boolean): void {
    this.#after = after
    this.#isSettled = covered.length > 0
    for (const id of covered) this.#unsee(id)
    const passed = new Set(covered)
    const others = [...this.#behind].filter(id => !passed.has(id))
    if (covered.length === 0) this.#behind = new Set()
    else if (repeats || others.length > 0) this.#behind = new Set([...others, ...covered].slice(-BEHIND_LIMIT))
  }

  /** A run over the pages begins: which of the seen ids does the endpoint know? */
  runStarted(): void {
    this.#returned.clear()
  }

  pageReturned(ids: readonly Id[]): void {
    for (const id of ids) if (this.#seen.has(id)) this.#returned.add(id)
  }

  /**
   * A run reached the end: ids that were taken more than `settleFor` before it and that it did not return are not the
   * endpoint's, and would stay for ever.
   */
  runFinished(startedAt: number, settleFor: number): void {
    for (const [id, takenAt] of this.#seen) {
      if (takenAt < startedAt - settleFor && !this.#returned.has(id)) this.#seen.delete(id)
    }
    this.#returned.clear()
  }

  #remember(id: Id): void {
    this.#seen.add(id, this.#ctx.now)
    const { oldest } = this.#seen
    if (this.#seen.size <= SEEN_LIMIT || oldest === undefined) return
    this.#unsee(oldest)
    this.#taken.add(oldest)
    this.#ctx.count("seenDropped")
  }

  #unsee(id: Id): void {
    this.#seen.delete(id)
    this.#returned.delete(id)
  }
}
