// What has become of a log's entries: taken by some tab that catches up, or by nobody, ever. Only what was taken may count
// as seen (engine rule 3), and a run over pages goes on only when its page was taken (rule 6).

import type { Id } from "../../shared/position.ts"
import type { Known } from "./known.ts"
import type { Entry, Log, PageEntry } from "./log.ts"
import type { Placement } from "./placement.ts"
import type { Readers } from "./readers.ts"
import type { Runs } from "./runs.ts"

export interface ProgressHost {
  readonly log: Log
  readonly known: Known
  readonly readers: Readers
  readonly placement: Placement
  readonly runs: Runs
  /** Something was taken for the first time. */
  onProgress(): void
}

export class Progress {
  #takenTo = 0
  /** The page of the stream's own run that no tab has taken yet. */
  #awaited: { seq: number; entry: PageEntry } | null = null
  readonly #host: ProgressHost

  constructor(host: ProgressHost) {
    this.#host = host
  }

  /** Every entry before this seq has been taken, or nobody will. */
  get takenTo(): number {
    return this.#takenTo
  }

  /** The first who reads for ids has come: what is in the log already is nobody's. */
  begin(): void {
    this.#takenTo = this.#host.log.next
  }

  /** Nobody is left to take anything. */
  forget(): void {
    this.#awaited = null
  }

  append(entry: Entry): void {
    if (entry.type === "live" && entry.id !== null) this.#host.known.arrived(entry.id)
    const seq = this.#host.log.append(entry)
    if (entry.type === "page") this.#awaited = { seq, entry }
  }

  /** A reader has taken entries. Tabs in lockstep pass the same ones; only the first to take one changes anything. */
  passed(from: number, to: number): void {
    let changed = false
    for (let seq = Math.max(from, this.#takenTo, this.#host.log.first); seq < to; seq++) {
      const entry = this.#host.log.at(seq)
      if (entry) changed = this.#take(entry, seq) || changed
    }
    if (from <= this.#takenTo) this.#takenTo = Math.max(this.#takenTo, to)
    if (changed) this.#host.onProgress()
  }

  /** A reader's own pages cover everything before this seq, though it did not take those very entries. */
  covered(seq: number): void {
    if (!this.#awaited || this.#awaited.seq >= seq) return
    if (this.#take(this.#awaited.entry, this.#awaited.seq)) this.#host.onProgress()
  }

  /** A reader has taken pages that only it, or those who asked with it, were given. */
  tookOwn(entries: readonly Entry[]): void {
    const ids = entries.flatMap(entry => (entry.type === "page" ? entry.unknown : []))
    const pending = ids.filter(id => this.#host.known.isPending(id))
    for (const id of pending) this.#host.known.took(id)
    if (pending.length > 0) this.#host.onProgress()
  }

  /**
   * A reader has gone or reads elsewhere. What no reader will take any more is news to a later page: the hub must not
   * count it as known, nor wait for it.
   */
  moved(): void {
    for (let seq = Math.max(this.#takenTo, this.#host.log.first); seq < this.#host.log.next; seq++) {
      if (this.#host.readers.willPass(seq)) return
      const entry = this.#host.log.at(seq)
      if (entry) this.lost(entry)
      this.#takenTo = seq + 1
    }
  }

  /** If nobody has taken it, nobody will. */
  lost(entry: Entry): void {
    if (entry.type === "state" || entry.taken) return
    const ids = entry.type === "page" ? entry.unknown : entry.id === null ? [] : [entry.id]
    for (const id of ids) this.#host.known.lost(id)
    if (entry.type !== "page") return
    if (this.#awaited?.entry === entry) this.#awaited = null
    this.#host.runs.pageLost(entry)
  }

  /** @returns whether it was the first time */
  #take(entry: Entry, seq: number): boolean {
    if (entry.type === "state" || entry.taken) return false
    entry.taken = true
    if (entry.type === "live") {
      if (entry.id !== null) this.#takeId(entry.id, seq)
      return true
    }
    if (this.#awaited?.entry === entry) this.#awaited = null
    for (const id of entry.unknown) this.#host.known.took(id)
    this.#host.runs.pageTaken(entry)
    return true
  }

  #takeId(id: Id, seq: number): void {
    if (this.#host.known.after === undefined) this.#host.placement.tookUnplaced(id, seq)
    else this.#host.known.took(id)
  }
}
