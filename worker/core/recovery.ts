// One run of a stream over the pages that it misses: after each confirmation (recovery), and again and again on a healthy
// cable (reconcile). The next page is asked once some tab has taken this one, so the hub never holds more than one.

import type { GapReason } from "../../shared/errors.ts"
import type { Id } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Known } from "./known.ts"
import type { PageEntry } from "./log.ts"
import { readPage, type Reading, type Unsettled } from "./page.ts"
import type { PageAsk, PageResult } from "./page-ask.ts"

export interface RecoveryHost {
  /** `after` may be anything but unknown. */
  ask(after: Id | null, done: (result: PageResult) => void): PageAsk
  /** Into the log; `recovery.taken` follows when a tab has taken it. */
  append(entry: PageEntry): void
  asking(): void
  moved(): void
  done(outcome: Outcome): void
}

/**
 * `isNamed`: the position names all that there is: some tab has taken it, and there was room for it. `again`: the log lost a
 * page that nobody had taken. `gone`: the place itself no longer exists at the server.
 */
export type Outcome =
  | { type: "complete"; isNamed: boolean }
  | { type: "again" }
  | { type: "gap"; reason: GapReason; gone: boolean }

type State =
  | { type: "asking"; asked: Id | null; ask: PageAsk | null }
  | { type: "taking"; reading: Reading }
  | { type: "over" }

export class Recovery {
  #state: State = { type: "over" }
  #unsettled: Unsettled[] = []
  readonly #startedAt: number
  readonly #ctx: Context
  readonly #known: Known
  readonly #settleFor: number
  readonly #host: RecoveryHost

  constructor(ctx: Context, known: Known, settleFor: number, host: RecoveryHost) {
    this.#ctx = ctx
    this.#known = known
    this.#settleFor = settleFor
    this.#host = host
    this.#startedAt = ctx.now
    known.runStarted()
  }

  /** Waits for the endpoint; otherwise, unless it is over, for a tab to take a page. */
  get isAsking(): boolean {
    return this.#state.type === "asking"
  }

  /** Asks after the known position; without one there is nothing to ask. */
  start(): void {
    if (this.#known.after !== undefined) this.#ask(this.#known.after)
  }

  /** Readers have come past this entry, by taking it or by a replay that covers it. */
  passed(entry: PageEntry): void {
    if (this.#state.type !== "taking" || this.#state.reading.entry !== entry) return
    const { reading } = this.#state
    const { move } = entry
    if (move) {
      this.#known.move(move.after, move.covered, reading.repeats)
      this.#host.moved()
    }
    this.#goOn(reading)
  }

  /** The log is full and nobody had taken the page: it will have to be asked for again. */
  evicted(entry: PageEntry): void {
    if (this.#state.type === "taking" && this.#state.reading.entry === entry) this.#finish({ type: "again" })
  }

  cancel(): void {
    if (this.#state.type === "asking") this.#state.ask?.cancel()
    this.#state = { type: "over" }
  }

  #ask(asked: Id | null): void {
    const state: State = { type: "asking", asked, ask: null }
    this.#state = state
    this.#host.asking()
    state.ask = this.#host.ask(asked, result => this.#onResult(asked, result))
  }

  #onResult(asked: Id | null, result: PageResult): void {
    if (result.type === "unauthorized") return this.#finish({ type: "gap", reason: "unauthorized", gone: false })
    if (result.type !== "page") return this.#finish({ type: "gap", reason: "history-unavailable", gone: true })
    const reading = readPage(result, {
      asked,
      unsettled: this.#unsettled,
      has: id => this.#known.has(id),
      settleFor: this.#settleFor,
      isTaken: id => this.#known.isTaken(id),
      firstSight: id => this.#known.firstSight(id),
    })
    this.#known.pageReturned(result.items.map(item => item.id))
    this.#deliver(reading)
  }

  /** A page without news that moves nothing need not reach anybody. */
  #deliver(reading: Reading): void {
    const { entry } = reading
    if (entry.unknown.length === 0 && !entry.move) return this.#goOn(reading)
    this.#state = { type: "taking", reading }
    for (const id of entry.unknown) this.#known.arrived(id)
    this.#host.append(entry)
  }

  #goOn({ next, isOverdue }: Reading): void {
    if (next !== undefined && isOverdue) return this.#beginAnew()
    if (next !== undefined) return this.#ask(next)
    this.#known.runFinished(this.#startedAt, this.#settleFor)
    this.#finish({ type: "complete", isNamed: this.#unsettled.every(({ id }) => this.#known.isSeen(id)) })
  }

  #beginAnew(): void {
    this.#unsettled = []
    this.start()
  }

  #finish(outcome: Outcome): void {
    this.#state = { type: "over" }
    this.#ctx.count(outcome.type === "complete" ? "recoveriesComplete" : "recoveriesBroken")
    this.#host.done(outcome)
  }
}
