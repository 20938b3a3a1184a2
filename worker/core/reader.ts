// One subscription's place in one stream: all that a subscription costs the hub. What it gets next is either its own (a
// replay's page, at most one at a time) or the log's, from its `seq` on.

import type { Part } from "../../shared/bridge.ts"
import type { Id } from "../../shared/position.ts"
import { weight, type Entry, type Log, type Move, type Room } from "./log.ts"
import type { TabKey } from "./event.ts"

/**
 * `starting` waits for the server's confirmation. `replaying` gets pages of its own; `following` reads the log, and
 * before it whatever is still `own`.
 */
export type Place = { type: "starting" } | { type: "replaying" } | { type: "following"; seq: number }

export interface ReaderEvents {
  /** The log no longer has what this reader needs next. */
  fellOff(reader: Reader): void
  /** Log entries from `from` up to, not including, `to` have been taken. */
  tookLog(reader: Reader, from: number, to: number): void
  tookReplay(reader: Reader, replayed: Replayed): void
  tookOwn(reader: Reader, entries: readonly Entry[]): void
}

/**
 * What pages of its own brought a reader: all after `from`, also what is before `seq` in the log. They end with these young
 * ids. `cameBy`: the message at the stream's place was among them.
 */
export type Replayed = { from: Id | null; seq: number; unsettled: readonly Id[]; cameBy: boolean }

const NOTHING = "[]"

type InFlight = { own: readonly Entry[]; to: number; move: Move | null }

export class Reader {
  /** Where this subscription stands for certain, after what it has taken; `undefined`: unknown. */
  after: Id | null | undefined
  readonly tab: TabKey
  readonly subscription: number
  readonly catchesUp: boolean
  /** The log's seq when it came, or last read it: what was ephemeral before that it was given, or missed. */
  joined = 0
  /** It has been told, or will be, that it is over. */
  isOver = false
  /** It lacks what came between its place and the log: what moves others does not move it. */
  isTorn = false
  /** Its page showed what may still be on its way live. */
  isAhead = false
  /** Once it has taken what is its own, it lacks nothing that is in the log before `seq`. */
  #covers: Replayed | null = null
  #place: Place = { type: "starting" }
  #own: Entry[] = []
  #inFlight: InFlight | null = null
  readonly #events: ReaderEvents

  constructor(tab: TabKey, subscription: number, catchesUp: boolean, events: ReaderEvents) {
    this.tab = tab
    this.subscription = subscription
    this.catchesUp = catchesUp
    this.#events = events
  }

  get isStarting(): boolean {
    return this.#place.type === "starting"
  }

  /**
   * It goes on from the next live message, whatever came before it: it has no place, or has yet to hear that it is gone.
   *
   * @param first the log's oldest seq: who needs what is older is told a gap, and begins there
   * @param goneAt the seq behind the gap
   */
  isLost(first: number, goneAt: number): boolean {
    if (!this.catchesUp || this.#place.type !== "following" || this.#place.seq < first) return false
    const { after } = lastMove([...(this.#inFlight?.own ?? []), ...this.#own]) ?? this
    return after === undefined || (this.isThere && this.#place.seq < goneAt)
  }

  /** It lacks nothing that the stream has: it follows the log, and is sure of the stream's pages. */
  get isThere(): boolean {
    return this.#place.type === "following" && this.#covers === null && !this.isTorn
  }

  /** Has been given something of its own that it has not taken. */
  get isBusy(): boolean {
    return this.#own.length > 0
  }

  /** @param replayed what its own pages bring; `null` if it has none, or they broke off */
  follow(seq: number, replayed: Replayed | null = null): void {
    this.#place = { type: "following", seq }
    this.#covers = replayed
  }

  /** Whether the log's entry at this seq, or a copy of what is in it, is still to be taken by this reader. */
  willPass(seq: number): boolean {
    return this.#place.type !== "following" || this.#covers !== null || this.#place.seq <= seq
  }

  replay(): void {
    if (this.#place.type === "following") this.joined = Math.max(this.joined, this.#place.seq, this.#inFlight?.to ?? 0)
    this.#place = { type: "replaying" }
    this.isTorn = false
    this.#covers = null
  }

  give(...entries: Entry[]): void {
    this.#own.push(...entries)
  }

  /** The next part of a batch, `null` if nothing is ready. It is in flight until `taken`. */
  next(log: Log, room: Room): Part | null {
    if (this.#place.type === "following" && this.#place.seq < log.first && !this.isOver) this.#events.fellOff(this)
    const own = [...this.#own]
    if (!fits(own, room)) {
      room.isFull = true
      return null
    }
    let move = lastMove(own)
    let entries = `[${own.map(entry => entry.text).join(",")}]`
    for (const entry of own) take(room, weight(entry), entry.text.length)
    let to = -1
    if (this.#place.type === "following" && this.#place.seq < log.next && !this.isOver) {
      const slice = log.read(this.#place.seq, room, this.joined)
      to = slice.to
      if (to < log.next) room.isFull = true
      if (slice.move && !this.isTorn && this.#covers === null) move = slice.move
      if (slice.start && (move ? move.after : this.after) === undefined) move = slice.start
      entries = concat(entries, slice.text)
      take(room, slice.entries, slice.text.length)
    }
    if (entries === NOTHING) return null
    this.#inFlight = { own, to, move }
    const part: Part = { subscription: this.subscription, entries }
    const after = move ? move.after : this.after
    return after === undefined ? part : { ...part, after }
  }

  /** One last word. */
  end(entry: Entry): void {
    this.isOver = true
    this.give(entry)
  }

  /** The subscription is gone: what is under way to it, it will not take. */
  leave(): void {
    this.#inFlight = null
  }

  taken(): void {
    const inFlight = this.#inFlight
    if (!inFlight) return
    this.#inFlight = null
    const { own, to, move } = inFlight
    if (move) this.after = move.after
    this.#own = this.#own.slice(own.length)
    if (this.#covers !== null && !this.isBusy) {
      const replayed = this.#covers
      this.#covers = null
      this.#events.tookReplay(this, replayed)
    }
    if (to >= 0 && this.#place.type === "following") {
      const { seq } = this.#place
      this.#place.seq = to
      this.#events.tookLog(this, seq, to)
    }
    if (own.length > 0) this.#events.tookOwn(this, own)
  }
}

/** What is a reader's own goes out whole; an empty batch takes it whatever its size. */
function fits(own: readonly Entry[], room: Room): boolean {
  const entries = own.reduce((sum, entry) => sum + weight(entry), 0)
  const bytes = own.reduce((sum, entry) => sum + entry.text.length, 0)
  return !room.isBegun || (entries <= room.entries && bytes <= room.bytes)
}

/** Two JSON arrays as one. The log's stays the very text that others have: each that is built is copied once more to be sent. */
function concat(own: string, log: string): string {
  if (own === NOTHING) return log
  return log === NOTHING ? own : `${own.slice(0, -1)},${log.slice(1)}`
}

function take(room: Room, entries: number, bytes: number): void {
  room.entries -= entries
  room.bytes -= bytes
  if (entries > 0) room.isBegun = true
}

function lastMove(entries: readonly Entry[]): Move | null {
  let move: Move | null = null
  for (const entry of entries) if (entry.type !== "live" && entry.move) move = entry.move
  return move
}
