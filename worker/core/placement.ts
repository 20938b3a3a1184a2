// Where a stream stands, and how that is found out: by the word of its first reader, of the store, of the endpoint, or of
// the first live message. Where readers start elsewhere, pages show whether its own will bring what they lack.

import type { Start } from "../../shared/bridge.ts"
import type { GapReason } from "../../shared/errors.ts"
import type { Id, Position } from "../../shared/position.ts"
import type { Cursor } from "./cursor.ts"
import type { Endpoint } from "./endpoint.ts"
import type { Row } from "./event.ts"
import type { Known } from "./known.ts"
import type { Entry, Log } from "./log.ts"
import { Origin, type Stage } from "./origin.ts"
import type { PageAsk } from "./page-ask.ts"
import type { Replayed } from "./reader.ts"
import type { Readers } from "./readers.ts"
import type { Runs } from "./runs.ts"
import { STATE } from "./states.ts"

export interface PlacementHost {
  readonly log: Log
  readonly known: Known
  readonly cursor: Cursor
  readonly endpoint: Endpoint
  readonly readers: Readers
  readonly runs: Runs
  /** Asks the store for the stream's row. */
  load(): void
  tell(entry: Entry): void
}

export class Placement {
  readonly #origin = new Origin()
  /** Asks the endpoint where "now" is. */
  #lookup: PageAsk | null = null
  /** To be told when the recovery under way is over, however it ends: where it started was not where the stream was. */
  #gap: GapReason | null = null
  /** Nobody could say where the stream was to start: it began later, with the first live message or another answer. */
  #isGuessed = false
  /** What is in the log before this seq came before the place was gone, or before the gap at which the stream began was told. */
  #goneAt = 0
  readonly #host: PlacementHost

  constructor(host: PlacementHost) {
    this.#host = host
  }

  get stage(): Stage {
    return this.#origin.stage
  }

  /** The store or the endpoint has yet to say: nobody who starts elsewhere can be compared to it. */
  get isSought(): boolean {
    return this.stage === "cursor" || this.stage === "now"
  }

  /** The endpoint is being asked where "now" is. */
  get isAsking(): boolean {
    return this.#lookup !== null
  }

  /** The stream's own place; `undefined` while unknown. */
  get after(): Id | null | undefined {
    return this.#host.known.after
  }

  /** The same with what it knows beside it, for `"cursor"`. */
  get position(): Position | undefined {
    return this.#host.known.position
  }

  /** Nobody knows it, and no message has come yet that will have to do. */
  get isUnknown(): boolean {
    const { after, counts } = this.#host.known
    return after === undefined && counts.pending === 0
  }

  /** Nobody could say, and a message or a later answer has had to do. */
  get isGuessed(): boolean {
    return this.#isGuessed
  }

  /** The same if it names all that the stream knows; `undefined` where that is more than a position may carry. */
  get wholePosition(): Position | undefined {
    return this.#host.known.isWhole ? this.position : undefined
  }

  /** Where `"cursor"` or `"now"` was found to be, for those who started there; `null` otherwise. */
  get foundAt(): Position | null {
    return this.#origin.foundAt
  }

  /** @returns why the recovery that ends now, and is told so at once, did not start where the stream had been; `null` if it did */
  takeGap(): GapReason | null {
    const gap = this.#gap
    this.#gap = null
    if (gap !== null) this.#goneAt = this.#host.log.next
    return gap
  }

  /** The first reader that catches up gives the stream its place. */
  begin(start: Start): void {
    this.#origin.begin(start, this.#host.log.next)
    this.#host.known.start("position" in start ? start.position : undefined)
    this.#host.cursor.load()
    this.#host.load()
  }

  /** @returns the seq from which somebody who starts there may follow the log; `null` if not everything is in it */
  follow(start: Start): number | null {
    return this.#origin.follow(start, this.#host.log.first)
  }

  /**
   * While nothing has been asked yet, a reader that starts elsewhere may take the stream back to where both can start.
   *
   * @returns the seq from which it may follow the log; `null` if there is no such place
   */
  join(start: Start): number | null {
    const together = this.#origin.startTogether(start)
    if (!together) return null
    this.#host.known.start(together)
    this.#host.cursor.moved()
    return this.#origin.seq
  }

  /** The log no longer begins with what was missed: who comes now asks for itself. */
  close(): void {
    this.#origin.close()
  }

  /** Nobody is left for whom ids are read: whoever catches up next begins the stream anew. */
  forget(): void {
    this.cancel()
    this.#origin.forget()
  }

  /** The cable is lost. Where "now" is stays worth knowing; where to go on after a gap has to be asked anew. */
  lost(): void {
    if (this.stage === "placed") this.cancel()
  }

  cancel(): void {
    this.#lookup?.cancel()
    this.#lookup = null
  }

  onLoaded(row: Row | null | "failed"): void {
    if (this.#host.cursor.isLoading) this.#host.cursor.loaded(row)
    if (this.stage !== "cursor") return
    if (row === "failed") this.findNow("storage")
    else if (row) this.#startAt(row.position)
    else this.findNow()
  }

  /** Where "now" is, by the endpoint's word; if it has none, the first live message will be it (engine rule 12). */
  findNow(gap: GapReason | null = null): void {
    this.#gap = gap
    if (this.stage === "cursor") {
      this.#origin.becomeNow()
      this.#host.readers.startWaiting()
    }
    this.cancel()
    this.askNow(cursor => {
      if (cursor !== undefined && this.#host.known.after === undefined)
        return this.#startAt({ after: cursor, seen: [] })
      this.#origin.stage = "placed"
      this.#host.runs.onNotFound()
      this.#host.readers.startWaiting()
    })
  }

  askNow(done: (cursor: Id | null | undefined, isAnswered: boolean) => void): void {
    this.#lookup = this.#host.endpoint.askNow((cursor, isAnswered) => {
      this.#lookup = null
      done(cursor, isAnswered)
    })
  }

  /**
   * The place is gone, and this is where the endpoint says that "now" is. If it does not say, a reader may stand elsewhere;
   * else the next live message will tell.
   */
  moveOn(now: Id | null | undefined, reason: GapReason): void {
    const { log, known, readers } = this.#host
    const after = now === undefined ? readers.elsewhere(known.after) : now
    this.#gap = null
    this.#host.tell(STATE.moved(after, reason))
    this.#goneAt = log.next
    known.move(after, [], false)
  }

  /** The first live id of a stream that did not know where "now" was is its place, and its readers'. */
  tookUnplaced(id: Id, seq: number): void {
    const { known, readers, cursor } = this.#host
    // While the store or the endpoint may still say where the stream is, this is not it; nor if nobody has heard of the gap.
    if (this.stage !== "placed" || seq < this.#goneAt || this.#gap !== null) return known.lost(id)
    const other = readers.elsewhere(undefined)
    if (other !== undefined && !readers.isAnybodyLost(this.#goneAt)) {
      this.stands(other, false)
      return known.took(id)
    }
    const position = { after: id, seen: [] }
    this.#isGuessed = true
    known.start(position)
    if (other !== undefined) cursor.doubted()
    this.#host.tell(STATE.start(position))
  }

  /**
   * A reader stands at `after`, or gets what came after it: that will do where nobody knows the stream's place. But the live
   * message from which others go on may be earlier, whether it waits in the log or is still on its way.
   *
   * @param isAhead that place may be later than what is on its way
   * @returns whether the stream has a place now, this one or another
   */
  stands(after: Id | null, isAhead: boolean): boolean {
    const { known, readers, cursor } = this.#host
    if (known.after !== undefined) return true
    if ((isAhead || known.counts.pending > 0) && readers.isAnybodyLost(this.#goneAt)) return false
    this.#isGuessed = false
    known.move(after, [], false)
    cursor.moved()
    return true
  }

  /**
   * A reader that stood at `from` has taken pages of its own, up to `after`.
   *
   * @returns false where the reader may lack what no page of the stream will bring: rows may still commit before the stream's place
   *   (which a page rendered, or the endpoint called now), or could when the reader's pages were read; or nothing shows which of
   *   the two is earlier, as the message at the stream's place is gone
   */
  replayed(after: Id | null, { from, unsettled, cameBy }: Replayed, isAhead: boolean): boolean {
    const { known } = this.#host
    const own = known.after
    if (own === undefined) return this.stands(after, isAhead)
    if (own !== null && unsettled.includes(own)) return false
    const isSeen = from !== null && known.firstSight(from) !== undefined
    if (cameBy || own === null || own === from || isSeen) return true
    return known.isSettled && unsettled.length === 0
  }

  #startAt(position: Position): void {
    this.#isGuessed = this.stage === "placed"
    this.#origin.stage = "placed"
    this.#origin.foundAt = position
    this.#host.known.start(position)
    this.#host.tell(STATE.start(position))
    this.#host.cursor.changed()
    this.#host.runs.onFound()
    this.#host.readers.startWaiting()
  }
}
