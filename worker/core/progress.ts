// What has become of a log's entries: taken by some tab that catches up, or by nobody, ever. Only what was taken may count
// as seen (engine rule 3), and a run over pages goes on only when its page was taken (rule 6).

import type { Id } from "../../shared/position.ts"
import type { Known } from "./known.ts"
import type { Entry, Log, PageEntry } from "./log.ts"

export interface ProgressHost {
  /** Whether any reader may still take the log's entry at this seq. */
  willPass(seq: number): boolean
  /** A live message was taken while nobody knew where the stream stands. */
  tookUnplaced(id: Id): void
  pageTaken(page: PageEntry): void
  /** It left the log, or its last reader did, before anybody took it. */
  pageLost(page: PageEntry): void
  /** Something was taken for the first time. */
  changed(): void
}

export class Progress {
  #takenTo = 0
  /** The page of the stream's own run that no tab has taken yet. */
  #awaited: { seq: number; entry: PageEntry } | null = null
  readonly #log: Log
  readonly #known: Known
  readonly #host: ProgressHost

  constructor(log: Log, known: Known, host: ProgressHost) {
    this.#log = log
    this.#known = known
    this.#host = host
  }

  /** Every entry before this seq has been taken, or nobody will. */
  get takenTo(): number {
    return this.#takenTo
  }

  /** The first who reads for ids has come: what is in the log already is nobody's. */
  begin(): void {
    this.#takenTo = this.#log.next
  }

  /** Nobody is left to take anything. */
  forget(): void {
    this.#awaited = null
  }

  append(entry: Entry): void {
    if (entry.type === "live" && entry.id !== null) this.#known.arrived(entry.id)
    const seq = this.#log.append(entry)
    if (entry.type === "page") this.#awaited = { seq, entry }
  }

  /** A reader has taken entries. Tabs in lockstep pass the same ones; only the first to take one changes anything. */
  passed(from: number, to: number): void {
    let changed = false
    for (let seq = Math.max(from, this.#takenTo, this.#log.first); seq < to; seq++) {
      const entry = this.#log.at(seq)
      if (entry) changed = this.#take(entry) || changed
    }
    if (from <= this.#takenTo) this.#takenTo = Math.max(this.#takenTo, to)
    if (changed) this.#host.changed()
  }

  /** A reader's own pages cover everything before this seq, though it did not take those very entries. */
  covered(seq: number): void {
    if (this.#awaited && this.#awaited.seq < seq && this.#take(this.#awaited.entry)) this.#host.changed()
  }

  /** A reader has taken pages that only it, or those who asked with it, were given. */
  tookOwn(entries: readonly Entry[]): void {
    const ids = entries.flatMap(entry => (entry.type === "page" ? entry.unknown : []))
    const pending = ids.filter(id => this.#known.isPending(id))
    for (const id of pending) this.#known.took(id)
    if (pending.length > 0) this.#host.changed()
  }

  /**
   * A reader has gone or reads elsewhere. What no reader will take any more is news to a later page: the hub must not
   * count it as known, nor wait for it.
   */
  moved(): void {
    for (let seq = Math.max(this.#takenTo, this.#log.first); seq < this.#log.next; seq++) {
      if (this.#host.willPass(seq)) return
      const entry = this.#log.at(seq)
      if (entry) this.lost(entry)
      this.#takenTo = seq + 1
    }
  }

  /** If nobody has taken it, nobody will. */
  lost(entry: Entry): void {
    if (entry.type === "state" || entry.taken) return
    const ids = entry.type === "page" ? entry.unknown : entry.id === null ? [] : [entry.id]
    for (const id of ids) this.#known.lost(id)
    if (entry.type !== "page") return
    if (this.#awaited?.entry === entry) this.#awaited = null
    this.#host.pageLost(entry)
  }

  /** @returns whether it was the first time */
  #take(entry: Entry): boolean {
    if (entry.type === "state" || entry.taken) return false
    entry.taken = true
    if (entry.type === "live") {
      if (entry.id !== null) this.#takeId(entry.id)
      return true
    }
    if (this.#awaited?.entry === entry) this.#awaited = null
    for (const id of entry.unknown) this.#known.took(id)
    this.#host.pageTaken(entry)
    return true
  }

  #takeId(id: Id): void {
    if (this.#known.after === undefined) this.#host.tookUnplaced(id)
    else this.#known.took(id)
  }
}
