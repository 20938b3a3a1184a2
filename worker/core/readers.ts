// All readers of one stream: who starts where, who needs a replay, who fell off the log.

import type { CatchUp, Start, Want } from "../../shared/bridge.ts"
import type { Id } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Endpoint } from "./endpoint.ts"
import type { Entry, Log } from "./log.ts"
import type { PageAsk } from "./page-ask.ts"
import type { Placement } from "./placement.ts"
import type { Progress } from "./progress.ts"
import { Reader, type ReaderEvents, type Replayed } from "./reader.ts"
import { Replay } from "./replay.ts"
import { STATE } from "./states.ts"

export interface ReadersHost {
  readonly log: Log
  readonly endpoint: Endpoint
  readonly placement: Placement
  readonly progress: Progress
  readonly isConfirmed: boolean
  /**
   * A reader goes on with the log from `after`, having taken pages of its own.
   *
   * @returns whether the stream's own pages will bring all that commits after that place
   */
  replayed(after: Id | null, replayed: Replayed, isAhead: boolean): boolean
}

export class Readers implements ReaderEvents {
  readonly #all = new Map<Reader, Want>()
  readonly #replays = new Set<Replay>()
  readonly #lookups = new Map<Reader, PageAsk>()
  /** Replaying readers that start anew once they have taken what they have. */
  readonly #lagging = new Set<Reader>()
  readonly #ctx: Context
  readonly #host: ReadersHost

  constructor(ctx: Context, host: ReadersHost) {
    this.#ctx = ctx
    this.#host = host
  }

  /** Where somebody stands who gets pages of their own, or got some, elsewhere than `gone`; `undefined` if nobody does. */
  elsewhere(gone: Id | null | undefined): Id | null | undefined {
    for (const { after, catchesUp } of this.#all.keys()) {
      if (catchesUp && after !== undefined && after !== gone) return after
    }
    return undefined
  }

  /** Somebody goes on from the next live message. @param goneAt the seq behind the stream's last gap */
  isAnybodyLost(goneAt: number): boolean {
    return [...this.#all.keys()].some(reader => reader.isLost(this.#host.log.first, goneAt))
  }

  /** Nobody who catches up may still lack what the stream has had. */
  get areAllThere(): boolean {
    return [...this.#all.keys()].every(reader => !reader.catchesUp || reader.isThere)
  }

  get size(): number {
    return this.#all.size
  }

  /** What the newest reader that catches up wants; `null` if none does. It speaks for the stream: engine rule 19. */
  get newest(): (Want & { catchUp: CatchUp }) | null {
    let newest: (Want & { catchUp: CatchUp }) | null = null
    for (const { catchUp, ...want } of this.#all.values()) if (catchUp) newest = { ...want, catchUp }
    return newest
  }

  /** Whether any reader that catches up may still take the log's entry at this seq. */
  willPass(seq: number): boolean {
    for (const reader of this.#all.keys()) if (reader.catchesUp && reader.willPass(seq)) return true
    return false
  }

  [Symbol.iterator](): Iterator<Reader> {
    return this.#all.keys()
  }

  /** @param seq where it reads the log; `null`: elsewhere than the stream stands, so it needs pages of its own */
  add(reader: Reader, want: Want, seq: number | null): void {
    const { start } = want
    this.#all.set(reader, want)
    reader.joined = this.#host.log.next
    reader.isAhead = start.from === "rendered" && start.position.after !== null && this.#host.isConfirmed
    if ("position" in start) reader.after = start.position.after
    if (seq !== null) reader.follow(seq)
    else this.startWaiting()
  }

  remove(reader: Reader): void {
    this.#all.delete(reader)
    this.#lagging.delete(reader)
    this.#lookups.get(reader)?.cancel()
    this.#lookups.delete(reader)
    for (const replay of this.#replays) replay.remove(reader)
    reader.leave()
  }

  clear(): void {
    for (const reader of this.#all.keys()) this.remove(reader)
  }

  /** Once the server has confirmed, whoever waited for it starts; elsewhere than the stream only when that stands. */
  startWaiting(): void {
    if (!this.#host.isConfirmed) return
    for (const [reader, { start }] of this.#all) {
      if (!reader.isStarting) continue
      const seq = this.#host.placement.follow(start)
      if (seq !== null) {
        reader.give(STATE.connected)
        reader.follow(seq)
        this.#ctx.flush()
      } else if (!this.#host.placement.isSought) this.#start(reader, start)
    }
  }

  /** The endpoint answers: whom it has refused meanwhile, and who is not sure of the stream's pages, asks from where it is. */
  mend(): void {
    for (const reader of this.#all.keys()) {
      if (reader.isTorn && reader.after !== undefined) this.#replay(reader, reader.after)
    }
  }

  /** Everybody hears it, also those who do not read the log yet, and nothing more after it. */
  end(entry: Entry): void {
    for (const reader of this.#all.keys()) if (!reader.isOver) reader.end(entry)
    this.#ctx.flush()
  }

  fellOff(reader: Reader): void {
    this.#ctx.count("fellOff")
    // What the log said of the connection may have gone with it; the tab ignores what it knows.
    reader.give(STATE.behind, this.#host.isConfirmed ? STATE.connected : STATE.disconnected(true))
    const { foundAt } = this.#host.placement
    if (reader.catchesUp && reader.after !== undefined) return this.#replay(reader, reader.after)
    if (reader.catchesUp && foundAt) {
      reader.give(STATE.start(foundAt))
      return this.#replay(reader, foundAt.after)
    }
    reader.give(STATE.caughtUp("overflow"))
    reader.follow(this.#host.log.first)
  }

  tookLog(reader: Reader, from: number, to: number): void {
    if (reader.catchesUp) this.#host.progress.passed(from, to)
  }

  tookReplay(reader: Reader, replayed: Replayed): void {
    if (reader.after === undefined) return
    reader.isAhead &&= reader.after === replayed.from
    reader.isTorn = !this.#host.replayed(reader.after, replayed, reader.isAhead)
  }

  tookOwn(reader: Reader, entries: readonly Entry[]): void {
    this.#host.progress.tookOwn(entries)
    for (const replay of this.#replays) replay.took(reader, entries)
    if (this.#lagging.delete(reader)) this.#startAnew(reader)
  }

  #start(reader: Reader, start: Start): void {
    reader.give(STATE.connected)
    if ("position" in start) return this.#replay(reader, start.position.after)
    const { position } = this.#host.placement
    if (start.from === "now" || !position) return this.#startNow(reader)
    reader.give(STATE.start(position))
    this.#replay(reader, position.after)
  }

  /** What is sent after the question reaches the log, or the stream's own reconcile: no page is needed. */
  #startNow(reader: Reader): void {
    const noted = this.#host.log.next
    const wasUnknown = this.#host.placement.isUnknown
    reader.replay()
    const begin = (after: Id | null | undefined) => {
      this.#lookups.delete(reader)
      const { log, placement, progress } = this.#host
      // Without an answer it starts with all that this browser has seen, or the first live message will tell; what nobody
      // has taken yet may be in the log already.
      const position = after === undefined ? placement.wholePosition : { after, seen: [] }
      const seq = after === undefined ? Math.min(noted, progress.takenTo) : noted
      if (position) reader.give(STATE.start(position))
      // The first live message became the stream's place meanwhile: only pages tell which of the two comes first.
      const isEither = after !== undefined && wasUnknown && placement.isGuessed
      if (position && (isEither || seq < log.first)) return this.#replay(reader, position.after)
      reader.give(STATE.caughtUp(null))
      this.#follow(reader, seq, null)
      if (position) reader.isTorn = !placement.stands(position.after, true)
    }
    this.#lookups.set(reader, this.#host.endpoint.askNow(begin))
  }

  #replay(reader: Reader, after: Id | null): void {
    reader.replay()
    reader.after = after
    this.#host.placement.stands(after, reader.isAhead)
    this.#ctx.flush()
    for (const replay of this.#replays) {
      if (replay.isOpen && replay.after === after) return replay.add(reader)
    }
    this.#ctx.count("replays")
    const replay = new Replay(reader, after, {
      log: this.#host.log,
      settleFor: this.#host.endpoint.settleFor,
      place: () => this.#host.placement.after,
      ask: (from, done) => this.#host.endpoint.ask(from, done),
      given: () => this.#ctx.flush(),
      startsAnew: again => this.#startAnew(again),
      follows: (follower, seq, replayed) => this.#follow(follower, seq, replayed),
      refused: refusedReader => {
        refusedReader.isTorn = true
      },
      over: ended => this.#replays.delete(ended),
    })
    this.#replays.add(replay)
  }

  #startAnew(reader: Reader): void {
    if (reader.isBusy) this.#lagging.add(reader)
    else if (reader.after !== undefined) this.#replay(reader, reader.after)
  }

  #follow(reader: Reader, seq: number, replayed: Replayed | null): void {
    reader.follow(seq, replayed)
    this.#host.progress.moved()
    this.#ctx.flush()
  }
}
