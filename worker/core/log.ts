// A stream's recent past, in the order in which the hub learned it: bounded, numbered by a local `seq` that starts at 0
// and never repeats. It is the only copy that the hub keeps of any message; a reader is a place in it.

import type { Id } from "../../shared/position.ts"

/** `text` is the entry's WireEntry as JSON. `taken`: some tab that catches up has run its callbacks. */
export type Entry = LiveEntry | PageEntry | StateEntry
export type LiveEntry = { type: "live"; id: Id | null; text: string; taken: boolean }
/** `unknown`: the ids of those messages that the hub had not seen before. `move`: what the page lets `after` become. */
export type PageEntry = { type: "page"; unknown: readonly Id[]; move: Move | null; text: string; taken: boolean }
export type StateEntry = { type: "state"; move: Move | null; text: string }

/** `after` becomes this id; `covered` are the page's ids up to it. An unknown place is `undefined`. */
export type Move = { after: Id | null | undefined; covered: readonly Id[] }

/**
 * What one batch may still hold: messages, UTF-16 units. Until it is begun it takes at least one entry, whatever its size;
 * once something was left out for want of room it is full.
 */
export type Room = { entries: number; bytes: number; isBegun?: boolean; isFull?: boolean }

/** Per stream: 1,000 messages or 2 Mi UTF-16 units, whichever is reached first. */
export const LOG_ENTRIES = 1_000
export const LOG_BYTES = 2 * 1_048_576

/** A run of entries for one batch, as a JSON array: up to but not including seq `to`. */
export type Slice = {
  to: number
  text: string
  entries: number
  /** By the last page. */
  move: Move | null
  /** After that: where those begin who did not know where they stood. */
  start: Move | null
}

/** How many messages an entry counts for. */
export function weight(entry: Entry): number {
  return entry.type === "page" ? Math.max(1, entry.unknown.length) : 1
}

/**
 * Memory: at most LOG_ENTRIES messages and LOG_BYTES characters, plus the newest page whole: a page that was cut up could
 * never be taken, and would be fetched for ever.
 */
export class Log {
  #entries: (Entry | undefined)[] = []
  /** Index in #entries of the oldest entry; those before it are gone. */
  #head = 0
  #first = 0
  #weight = 0
  #bytes = 0
  #newestPage: PageEntry | null = null
  #reserved = { entries: 0, bytes: 0 }
  /** Tabs in lockstep ask for the same run one after the other: they get the same characters. */
  #lastRead: { from: number; room: Room; next: number; slice: Slice } | null = null
  readonly #evicted: (entry: Entry) => void

  constructor(evicted: (entry: Entry) => void) {
    this.#evicted = evicted
  }

  /** The oldest seq still held. */
  get first(): number {
    return this.#first
  }

  /** The seq that the next entry will get. */
  get next(): number {
    return this.#first + this.#entries.length - this.#head
  }

  get size(): { entries: number; bytes: number } {
    return { entries: this.#weight, bytes: this.#bytes }
  }

  append(entry: Entry): number {
    const seq = this.next
    this.#entries.push(entry)
    this.#weight += weight(entry)
    this.#bytes += entry.text.length
    if (entry.type === "page") this.#newestPage = entry
    while (this.#isOver()) this.#evict()
    return seq
  }

  /** @param seq between `first` and `next` - 1 */
  at(seq: number): Entry | undefined {
    return this.#entries[this.#head + seq - this.#first]
  }

  /**
   * Leaves room for messages that wait to enter the log: they count against its capacity.
   *
   * @returns false if they alone are more than it may hold: then nothing has changed
   */
  reserve(entries: number, bytes: number): boolean {
    if (entries > LOG_ENTRIES || bytes > LOG_BYTES) return false
    this.#reserved = { entries, bytes }
    while (this.#isOver() && this.next > this.#first) this.#evict()
    return true
  }

  /**
   * As many entries from `seq` on as there is room for.
   *
   * @param joined whoever reads came at this seq: what was ephemeral before it, it was given by an earlier reader, or missed
   */
  read(seq: number, room: Room, joined = 0): Slice {
    if (joined > seq) return this.#join(seq, room, joined)
    const last = this.#lastRead
    if (last?.from === seq && last.next === this.next && isSame(last.room, room)) return last.slice
    const slice = this.#join(seq, room, 0)
    this.#lastRead = { from: seq, room: { ...room }, next: this.next, slice }
    return slice
  }

  #join(seq: number, room: Room, joined: number): Slice {
    const texts: string[] = []
    let entries = 0
    let bytes = 0
    let move: Move | null = null
    let start: Move | null = null
    let to = seq
    for (let entry = this.at(to); entry; entry = this.at(to)) {
      const isFull = entries + weight(entry) > room.entries || bytes + entry.text.length > room.bytes
      if (isFull && (texts.length > 0 || room.isBegun)) break
      if (to < joined && entry.type === "live" && entry.id === null) {
        to += 1
        continue
      }
      texts.push(entry.text)
      entries += weight(entry)
      bytes += entry.text.length + 1
      if (entry.type === "page" && entry.move) [move, start] = [entry.move, null]
      if (entry.type === "state" && entry.move) start = entry.move
      to += 1
    }
    return { to, text: `[${texts.join(",")}]`, entries, move, start }
  }

  /** Everything but the newest page must fit. */
  #isOver(): boolean {
    const page = this.#newestPage
    const spareWeight = page ? weight(page) : 0
    const spareBytes = page ? page.text.length : 0
    const { entries, bytes } = this.#reserved
    return this.#weight + entries - spareWeight > LOG_ENTRIES || this.#bytes + bytes - spareBytes > LOG_BYTES
  }

  #evict(): void {
    const entry = this.#entries[this.#head]
    if (!entry) return
    this.#entries[this.#head] = undefined // a thousand large ones would be as many megabytes
    this.#head += 1
    this.#first += 1
    this.#weight -= weight(entry)
    this.#bytes -= entry.text.length
    if (entry === this.#newestPage) this.#newestPage = null
    this.#evicted(entry)
    // Shifting the array at every eviction would cost as much as all entries; now and then it costs nothing.
    if (this.#head > LOG_ENTRIES) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }
}

function isSame(a: Room, b: Room): boolean {
  return a.entries === b.entries && a.bytes === b.bytes && a.isBegun === b.isBegun
}
