// Pages for readers who start elsewhere than the stream stands, or who fell off its log: fetched once for all that start
// at the same place, and given to them alone. Before each page the log's `seq` is noted, as long as all before it has
// settled; from the last note on they follow the log. What overlaps is dropped by the tab.

import type { GapReason } from "../../shared/errors.ts"
import type { Id } from "../../shared/position.ts"
import { STATE } from "./states.ts"
import type { Entry, Log, PageEntry } from "./log.ts"
import { readPage, type Reading, type Unsettled } from "./page.ts"
import type { PageAsk, PageResult } from "./page-ask.ts"
import type { Reader, Replayed } from "./reader.ts"

export interface ReplayHost {
  log: Log
  settleFor: number
  /** Where the stream stands; `undefined` while unknown. */
  place(): Id | null | undefined
  ask(after: Id | null, done: (result: PageResult) => void): PageAsk
  /** Something is ready for the readers. */
  given(): void
  /** This reader starts anew, from where it is once it has taken what it was given. */
  startsAnew(reader: Reader): void
  /** It follows the log from here, once it has taken its pages; `null` after a gap. */
  follows(reader: Reader, seq: number, replayed: Replayed | null): void
  /** The endpoint refuses it: it keeps its place, and will be tried again. */
  refused(reader: Reader): void
  over(replay: Replay): unknown
}

export class Replay {
  readonly after: Id | null
  readonly #readers: Set<Reader>
  readonly #host: ReplayHost
  #started = false
  #noted: number
  #cameBy = false
  readonly #unsettled: Unsettled[] = []
  #ask: PageAsk
  #reading: Reading | null = null

  constructor(reader: Reader, after: Id | null, host: ReplayHost) {
    this.after = after
    this.#readers = new Set([reader])
    this.#host = host
    this.#noted = host.log.next
    this.#ask = this.#request(after)
  }

  /** The first page has not come yet: whoever starts at the same place may share it. */
  get isOpen(): boolean {
    return !this.#started
  }

  add(reader: Reader): void {
    this.#readers.add(reader)
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader)
    if (this.#readers.size === 0) this.#end()
  }

  /** A reader of this replay has taken what it was given: the next page may be asked. */
  took(reader: Reader, entries: readonly Entry[]): void {
    if (!this.#readers.has(reader) || !this.#reading || !entries.includes(this.#reading.entry)) return
    const { next, isOverdue } = this.#reading
    this.#reading = null
    if (next === undefined) return
    if (isOverdue) return this.#beginAnew()
    // What may still commit before this page's end will come live, perhaps before the next page is asked.
    if (this.#unsettled.length === 0) this.#noted = this.#host.log.next
    this.#ask = this.#request(next)
  }

  #request(after: Id | null): PageAsk {
    return this.#host.ask(after, result => this.#onResult(after, result))
  }

  #onResult(asked: Id | null, result: PageResult): void {
    const isFirst = !this.#started
    this.#started = true
    if (result.type === "unauthorized") return this.#finish("unauthorized")
    if (result.type !== "page") return this.#finish("history-unavailable")
    const reading = readPage(result, {
      asked,
      unsettled: this.#unsettled,
      has: () => false,
      isTaken: () => true,
      settleFor: this.#host.settleFor,
      firstSight: () => undefined,
    })
    const own = this.#host.place()
    this.#cameBy ||= result.items.some(({ id }) => id === own)
    if (!isFirst) this.#leaveBehind()
    this.#give(reading.entry)
    if (reading.next === undefined) this.#finish(null)
    else this.#reading = reading
  }

  /** One page at a time is all that a reader may cost: who has not taken its last one does not keep the others waiting. */
  #leaveBehind(): void {
    for (const reader of this.#readers) {
      if (!reader.isBusy) continue
      this.#readers.delete(reader)
      this.#host.startsAnew(reader)
    }
  }

  #beginAnew(): void {
    const readers = [...this.#readers]
    this.#end()
    for (const reader of readers) this.#host.startsAnew(reader)
  }

  #give(entry: PageEntry): void {
    for (const reader of this.#readers) reader.give(entry)
    this.#host.given()
  }

  #finish(reason: GapReason | null): void {
    const young = this.#unsettled.map(({ id }) => id)
    const replayed =
      reason === null ? { from: this.after, seq: this.#noted, unsettled: young, cameBy: this.#cameBy } : null
    const own = this.#host.place()
    for (const reader of this.#readers) {
      // Its place no longer exists at the server; the stream's does.
      if (reason === "history-unavailable" && own !== undefined) reader.give(STATE.start({ after: own, seen: [] }))
      reader.give(STATE.caughtUp(reason))
      if (reason === "unauthorized") this.#host.refused(reader)
      this.#host.follows(reader, this.#noted, replayed)
    }
    this.#end()
  }

  #end(): void {
    this.#ask.cancel()
    this.#readers.clear()
    this.#host.over(this)
  }
}
