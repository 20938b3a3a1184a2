// One attached tab, as the hub sees it: its readers, and the one batch that may be under way. A fast tab gets small
// batches at once, a slow one large ones, a frozen one costs its readers' places.

import type { Attach, Batch, CableState, Part } from "../../shared/bridge.ts"
import type { TabKey } from "./event.ts"
import type { Log, Room } from "./log.ts"
import type { Reader } from "./reader.ts"

/** At most; see wire.md. Smaller where a tab's callbacks are slow. */
export const BATCH_ENTRIES = 512
export const BATCH_BYTES = 256 * 1_024
const FIRST_BATCH = 128
const SMALLEST_BATCH = 16
/** A batch should keep a page busy for less than a long task. */
const AIM_MS = 50

export type Seat = { reader: Reader; log: Log; identifier: string }

export class Tab {
  readonly key: TabKey
  readonly seats = new Map<number, Seat>()
  open: boolean
  visible: boolean
  /** What was to go to it found a batch under way, or no room in it: the next one is due as soon as that is taken. */
  isLate = false
  /** Its identity has logged out: it hears that to the end, and wants nothing any more. */
  isForgotten = false
  #limit = FIRST_BATCH
  #inFlight: { n: number; readers: readonly Reader[] } | null = null
  #toldCable: CableState | null = null
  /** Whose turn it is first: one busy stream must not starve the others. */
  #turn = 0

  constructor(key: TabKey, { open, visible }: Attach) {
    this.key = key
    this.open = open
    this.visible = visible
  }

  get limit(): number {
    return this.#limit
  }

  get isWaiting(): boolean {
    return this.#inFlight !== null
  }

  /**
   * @param n the batch's number: unlike any other of this hub, for a tab that attaches anew may still answer an old one
   * @returns the next batch, `null` while one is under way or nothing is new
   */
  next(n: number, epoch: number, cable: CableState): Batch | null {
    this.isLate = this.#inFlight !== null
    if (this.isLate) return null
    const room: Room = { entries: this.#limit, bytes: BATCH_BYTES }
    const { parts, readers } = this.#collect(room)
    this.isLate = room.isFull === true
    if (parts.length === 0 && this.#toldCable === cable) return null
    this.#toldCable = cable
    this.#inFlight = { n, readers }
    return { epoch, cable, parts }
  }

  /** @returns the readers that have taken something; none for a batch of an earlier attach */
  taken(n: number, ms: number): readonly Reader[] {
    if (this.#inFlight?.n !== n) return []
    const { readers } = this.#inFlight
    this.#inFlight = null
    if (ms > AIM_MS) this.#limit = Math.max(SMALLEST_BATCH, Math.floor(this.#limit / 2))
    else if (ms < AIM_MS / 2) this.#limit = Math.min(BATCH_ENTRIES, this.#limit * 2)
    for (const reader of readers) reader.taken()
    return readers
  }

  #collect(room: Room): { parts: Part[]; readers: Reader[] } {
    const parts: Part[] = []
    const readers: Reader[] = []
    const seats = [...this.seats.values()]
    for (let i = 0; i < seats.length; i++) {
      const seat = seats[(i + this.#turn) % seats.length]
      const part = seat?.reader.next(seat.log, room)
      if (!seat || !part) continue
      parts.push(part)
      readers.push(seat.reader)
    }
    this.#turn += 1
    return { parts, readers }
  }
}
