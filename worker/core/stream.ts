// One identifier: detached → confirming → recovering → live. Live messages of a stream that recovers are held, so that
// every tab gets caught-up messages first; then the stream goes on reconciling, because a confirmation proves little and
// not everything that a server persists is broadcast.

import type { Start, StreamInspection, StreamSettings, Want } from "../../shared/bridge.ts"
import type { Id, Position } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import { Cursor } from "./cursor.ts"
import { Endpoint } from "./endpoint.ts"
import type { Row } from "./event.ts"
import { Intake } from "./intake.ts"
import { Known } from "./known.ts"
import { Log, type Entry, type LiveEntry } from "./log.ts"
import type { Fetches } from "./page-ask.ts"
import { Placement, type PlacementHost } from "./placement.ts"
import { Progress, type ProgressHost } from "./progress.ts"
import type { Reader, Replayed } from "./reader.ts"
import { Readers, type ReadersHost } from "./readers.ts"
import { Reconciler, type Began, type ReconcilerHost } from "./reconciler.ts"
import { Runs, type RunsHost } from "./runs.ts"
import { STATE } from "./states.ts"

type Phase = "detached" | "confirming" | "recovering" | "live"

export interface StreamHost {
  fetches: Fetches
  credentials: Credentials
  load(): void
  /** @returns `null` while this hub may not write */
  save(position: Position, over: Row | null): Row | null
  /** Some visible tab wants this stream. */
  isWatched(): boolean
}

export class Stream implements PlacementHost, ProgressHost, ReadersHost, ReconcilerHost, RunsHost {
  readonly log: Log
  readonly known: Known
  readonly cursor: Cursor
  readonly endpoint: Endpoint
  readonly placement: Placement
  readonly progress: Progress
  readonly readers: Readers
  readonly runs: Runs
  readonly intake: Intake
  readonly reconciler: Reconciler
  #phase: Phase = "detached"
  readonly #ctx: Context
  readonly #host: StreamHost

  constructor(ctx: Context, host: StreamHost) {
    this.#ctx = ctx
    this.#host = host
    this.log = new Log(entry => this.progress.lost(entry))
    this.endpoint = new Endpoint(ctx, host.fetches, host.credentials)
    this.known = new Known(ctx)
    this.cursor = new Cursor(
      ctx,
      () => this.known.position,
      (position, over) => host.save(position, over),
    )
    this.placement = new Placement(this)
    this.progress = new Progress(this)
    this.readers = new Readers(ctx, this)
    this.runs = new Runs(ctx, this)
    this.intake = new Intake(ctx, this.log, entry => this.#live(entry))
    this.reconciler = new Reconciler(ctx, this)
  }

  get isConfirmed(): boolean {
    return this.isRecovering || this.#phase === "live"
  }

  get isRecovering(): boolean {
    return this.#phase === "recovering"
  }

  // Readers

  join(reader: Reader, want: Want): void {
    const isFirst = reader.catchesUp && this.placement.stage === "none"
    const seq = isFirst ? this.#begin(want.start) : reader.catchesUp ? this.#place(want.start) : this.log.next
    this.readers.add(reader, want, seq)
    this.endpoint.configure(this.readers.newest)
    if (this.isConfirmed && seq !== null) reader.give(STATE.connected)
    if (isFirst && want.start.from === "now") this.placement.findNow()
    if (isFirst && this.isConfirmed) this.#recover()
    this.#ctx.flush()
  }

  leave(reader: Reader): void {
    this.readers.remove(reader)
    this.endpoint.configure(this.readers.newest)
    if (this.endpoint.isThere) return this.progress.moved()
    this.runs.stop()
    this.progress.forget()
    this.placement.forget()
    if (this.isRecovering) this.recovered()
  }

  close(): void {
    this.readers.clear()
    this.runs.stop()
    this.placement.cancel()
    this.cursor.close()
    this.intake.close()
    this.reconciler.stop()
  }

  replayed(after: Id | null, replayed: Replayed, isAhead: boolean): boolean {
    const isCovered = this.placement.replayed(after, replayed, isAhead)
    this.progress.covered(replayed.seq)
    this.progress.moved()
    return isCovered
  }

  #begin(start: Start): number {
    // What came before was not read for its id.
    this.intake.letThrough()
    this.progress.begin()
    this.placement.begin(start)
    return this.log.next
  }

  /** @returns the seq from which the reader may follow the log; `null` if it starts elsewhere than the stream did */
  #place(start: Start): number | null {
    const seq = this.placement.follow(start)
    return seq !== null || this.isConfirmed ? seq : this.placement.join(start)
  }

  // What the server says

  /** The hub has asked the server to subscribe, or will as soon as there is a cable. */
  onConfirming(): void {
    if (this.#phase !== "detached") return
    this.#phase = "confirming"
    this.intake.hold()
  }

  onConfirmed(): void {
    this.reconciler.confirmed()
    this.endpoint.confirmed()
    this.tell(STATE.connected)
    this.#recover()
    this.readers.startWaiting()
  }

  onRejected(): void {
    this.#phase = "detached"
    this.readers.end(STATE.rejected)
  }

  /** The cable is lost, or the subscription given up. Held messages wait on, and go out after the next recovery. */
  onLost(willAttemptReconnect: boolean): void {
    const wasConfirmed = this.isConfirmed
    this.#phase = "detached"
    this.runs.stop()
    this.reconciler.stop()
    this.placement.lost()
    if (!wasConfirmed) return
    this.placement.close()
    this.intake.sortOut()
    this.tell(STATE.disconnected(willAttemptReconnect))
  }

  /** @param json the message as text */
  onMessage({ message, json }: { message: unknown; json: string }): void {
    if (this.#phase === "detached") return this.#ctx.count("framesAfterLeaving")
    const identity = this.endpoint.identify(message)
    if (identity.mangled) this.#ctx.count("mangledIds")
    const { id, at } = identity
    const text = `["live",${id === null ? "null" : JSON.stringify(id)},${at},${json}]`
    this.intake.add({ type: "live", id, text, taken: false }, identity, this.settings?.reorderFor ?? 0)
  }

  // What the shell says

  /** The hub holds the mutex now: what was learned before may be written. */
  onBegan(): void {
    this.cursor.changed()
  }

  onLoaded(row: Row | null | "failed"): void {
    this.placement.onLoaded(row)
  }

  onRowRefused(row: Row): void {
    this.cursor.refused(row)
  }

  /** A tab woke up, or a page became visible. */
  onWake(): void {
    if (this.#phase === "live") this.reconciler.wake()
  }

  inspect(identifier: string, channel: string): StreamInspection {
    const { after, counts: known } = this.known
    return {
      identifier,
      channel,
      phase: this.#phase,
      cursor: { ...(after === undefined ? {} : { after }), seen: known.seen },
      subscriptions: this.readers.size,
      log: { ...this.log.size, first: this.log.first, next: this.log.next },
      held: this.intake.waiting,
      known,
    }
  }

  // Recovering and reconciling

  #recover(): void {
    this.#phase = "recovering"
    this.intake.hold()
    if (this.endpoint.isThere) this.runs.recover()
    else this.recovered()
  }

  fellBack(): void {
    this.#phase = "recovering"
  }

  recovered(): void {
    this.#phase = "live"
    this.runs.live()
    this.intake.release()
    this.placement.close()
    this.reconciler.done()
  }

  reconcile(): Began {
    return this.#phase === "live" ? this.runs.reconcile() : "later"
  }

  pressedSince(): number | null {
    return this.runs.isRunning || this.#phase !== "live" ? null : this.known.halfFullSince
  }

  get settings(): StreamSettings | null {
    return this.endpoint.settings
  }

  isWatched(): boolean {
    return this.#host.isWatched()
  }

  // The log

  load(): void {
    this.#host.load()
  }

  tell(entry: Entry): void {
    this.log.append(entry)
    this.#ctx.flush()
  }

  append(entry: Entry): void {
    this.progress.append(entry)
    this.#ctx.flush()
  }

  #live(entry: LiveEntry): void {
    this.progress.append(entry)
    this.#ctx.flushLive(entry.text.length)
  }

  onProgress(): void {
    this.cursor.changed()
    this.reconciler.relieve()
  }
}
