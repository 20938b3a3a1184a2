// All readers of one stream: who starts where, who needs a replay, who fell off the log.

import type { CatchUp, Want } from "../../shared/bridge.ts"
import type { Id, Position } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Entry, Log } from "./log.ts"
import type { PageAsk, PageResult } from "./page-ask.ts"
import { Reader, type ReaderEvents } from "./reader.ts"
import { Replay } from "./replay.ts"
import { STATE } from "./states.ts"

export interface ReadersHost {
  readonly log: Log
  readonly settleFor: number
  readonly isConfirmed: boolean
  /** The stream's own place, for `"cursor"`; `undefined` while unknown. */
  readonly position: Position | undefined
  /** Where `"cursor"` or `"now"` was found to be, for those who started there; `null` otherwise. */
  readonly foundAt: Position | null
  ask(after: Id | null, done: (result: PageResult) => void): PageAsk
  /** Where "now" is: the newest id, `null` for an empty stream, `undefined` if the endpoint does not say. */
  askNow(done: (cursor: Id | null | undefined) => void): PageAsk | null
  /** A reader that catches up has taken the log's entries up to this seq, or a replay that covers them. */
  passed(from: number, to: number): void
  /** A reader has taken its own pages: it stands at `after`, and these ids beyond it were too young to move it. */
  replayed(after: Id | null, unsettled: readonly Id[]): void
  /** A reader has gone, or reads elsewhere: what only it would have taken, nobody will. */
  moved(): void
}

export class Readers implements ReaderEvents {
  readonly #all = new Map<Reader, Want>()
  readonly #replays = new Set<Replay>()
  readonly #lookups = new Map<Reader, PageAsk>()
  /** Replaying readers that were left behind and start anew once they have taken what they have. */
  readonly #lagging = new Set<Reader>()
  readonly #ctx: Context
  readonly #host: ReadersHost

  constructor(ctx: Context, host: ReadersHost) {
    this.#ctx = ctx
    this.#host = host
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
    if (start.from === "rendered" || start.from === "position") reader.after = start.position.after
    if (seq !== null) reader.follow(seq)
    else if (this.#host.isConfirmed) this.#start(reader)
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

  /** The server has confirmed: whoever waited for it starts. */
  confirmed(): void {
    for (const reader of this.#all.keys()) if (reader.isStarting) this.#start(reader)
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
    const { foundAt } = this.#host
    if (reader.catchesUp && reader.after !== undefined) return this.#replay(reader, reader.after)
    if (reader.catchesUp && foundAt) {
      reader.give(STATE.start(foundAt))
      return this.#replay(reader, foundAt.after)
    }
    reader.give(STATE.caughtUp("overflow"))
    reader.follow(this.#host.log.first)
  }

  tookLog(reader: Reader, from: number, to: number): void {
    if (reader.catchesUp) this.#host.passed(from, to)
  }

  tookReplay(reader: Reader, seq: number, unsettled: readonly Id[]): void {
    if (reader.after !== undefined) this.#host.replayed(reader.after, unsettled)
    this.#host.passed(seq, seq)
  }

  tookOwn(reader: Reader, entries: readonly Entry[]): void {
    for (const replay of this.#replays) replay.took(reader, entries)
    if (!this.#lagging.delete(reader) || reader.after === undefined) return
    this.#replay(reader, reader.after)
  }

  #start(reader: Reader): void {
    reader.give(STATE.connected)
    const start = this.#all.get(reader)?.start
    if (start?.from === "rendered" || start?.from === "position") {
      return this.#replay(reader, start.position.after)
    }
    const { position } = this.#host
    if (start?.from === "cursor" && position) {
      reader.give(STATE.start(position))
      return this.#replay(reader, position.after)
    }
    this.#startNow(reader)
  }

  /** What is sent after the question reaches the log, or the stream's own reconcile: no page is needed. */
  #startNow(reader: Reader): void {
    const noted = this.#host.log.next
    reader.replay()
    const begin = (after: Id | null | undefined) => {
      this.#lookups.delete(reader)
      reader.after = after
      if (after !== undefined) reader.give(STATE.start({ after, seen: [] }))
      reader.give(STATE.caughtUp(null))
      this.#follow(reader, noted, null)
    }
    const lookup = this.#host.askNow(begin)
    if (lookup) this.#lookups.set(reader, lookup)
  }

  #replay(reader: Reader, after: Id | null): void {
    reader.replay()
    reader.after = after
    this.#ctx.flush()
    for (const replay of this.#replays) {
      if (replay.isOpen && replay.after === after) return replay.add(reader)
    }
    this.#ctx.count("replays")
    const replay = new Replay(reader, after, {
      log: this.#host.log,
      settleFor: this.#host.settleFor,
      position: () => this.#host.position,
      ask: (from, done) => this.#host.ask(from, done),
      given: () => this.#ctx.flush(),
      lagging: slow => this.#lagging.add(slow),
      follows: (follower, seq, unsettled) => this.#follow(follower, seq, unsettled),
      over: ended => this.#replays.delete(ended),
    })
    this.#replays.add(replay)
  }

  #follow(reader: Reader, seq: number, unsettled: readonly Id[] | null): void {
    reader.follow(seq, unsettled)
    this.#host.moved()
    this.#ctx.flush()
  }
}
