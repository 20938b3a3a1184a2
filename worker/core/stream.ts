// One identifier: detached → confirming → recovering → live. Live messages of a stream that recovers are held, so that
// every tab gets caught-up messages first; then the stream goes on reconciling, because a confirmation proves little and
// not everything that a server persists is broadcast.

import type { CatchUp, Start, StreamInspection, StreamSettings, Want } from "../../shared/bridge.ts"
import { identify, type Identity, type MessageShape } from "../../shared/entry.ts"
import type { GapReason } from "../../shared/errors.ts"
import type { Id, Position } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import { Cursor } from "./cursor.ts"
import type { Row } from "./event.ts"
import { Intake } from "./intake.ts"
import { Known } from "./known.ts"
import { Log, type Entry, type PageEntry } from "./log.ts"
import { Origin } from "./origin.ts"
import { PageAsk, type Fetches, type PageResult } from "./page-ask.ts"
import type { Reader, Replayed } from "./reader.ts"
import { Readers, type ReadersHost } from "./readers.ts"
import { Reconciler, type ReconcilerHost } from "./reconciler.ts"
import { Recovery, type Outcome } from "./recovery.ts"
import { STATE } from "./states.ts"
import type { Timer } from "./timers.ts"

type Phase = "detached" | "confirming" | "recovering" | "live"

/** How this stream catches up; the newest attach that can decides. */
type Config = { catchUp: CatchUp; shape: MessageShape; settings: StreamSettings }

export interface StreamHost {
  fetches: Fetches
  credentials: Credentials
  load(): void
  /** @returns `null` while this hub may not write */
  save(position: Position, over: Row | null): Row | null
  /** Some visible tab wants this stream. */
  isWatched(): boolean
}

export class Stream implements ReadersHost, ReconcilerHost {
  readonly log: Log
  readonly readers: Readers
  readonly #ctx: Context
  readonly #host: StreamHost
  readonly #known: Known
  readonly #cursor: Cursor
  #phase: Phase = "detached"
  #config: Config | null = null
  readonly #origin = new Origin()
  #recovery: Recovery | null = null
  #lookup: PageAsk | null = null
  /** The page of the recovery that no tab has taken yet. */
  #awaited: { seq: number; entry: PageEntry } | null = null
  #takenTo = 0
  /** Nobody could say where the stream was to start: it began later, with the first live message or another answer. */
  #isGuessed = false
  /** The credentials with which the endpoint refused: asking again needs others. */
  #refusedVersion: number | null = null
  /** To be told when the recovery under way is over, however it ends: where it started was not where the stream was. */
  #gap: GapReason | null = null
  #wasLive = false
  readonly #holdTimer: Timer
  readonly #intake: Intake
  readonly #reconciler: Reconciler

  constructor(ctx: Context, host: StreamHost) {
    this.#ctx = ctx
    this.#host = host
    this.log = new Log(entry => this.#onOrphaned(entry))
    this.readers = new Readers(ctx, this)
    this.#known = new Known(ctx)
    this.#cursor = new Cursor(
      ctx,
      () => this.#known.position,
      (position, over) => host.save(position, over),
    )
    this.#holdTimer = ctx.timer(() => this.#intake.release())
    this.#intake = new Intake(ctx, this.log, entry => this.#append(entry))
    this.#reconciler = new Reconciler(ctx, this)
  }

  get settleFor(): number {
    return this.#config?.settings.settleFor ?? 0
  }

  get foundAt(): Position | null {
    return this.#origin.foundAt
  }

  get isConfirmed(): boolean {
    return this.#phase === "recovering" || this.#phase === "live"
  }

  get isSought(): boolean {
    const { stage } = this.#origin
    return stage === "cursor" || stage === "now"
  }

  /** Every entry before this seq has been taken, or nobody will. */
  get takenTo(): number {
    return this.#takenTo
  }

  get position(): Position | undefined {
    return this.#known.position
  }

  // Readers

  join(reader: Reader, want: Want): void {
    const isFirst = reader.catchesUp && this.#origin.stage === "none"
    const seq = isFirst ? this.#begin(want.start) : reader.catchesUp ? this.#place(want.start) : this.log.next
    this.readers.add(reader, want, seq)
    this.#configure()
    if (this.isConfirmed && seq !== null) reader.give(STATE.connected)
    if (isFirst && this.#origin.stage === "now") this.#findNow()
    if (isFirst && this.isConfirmed) this.#recover()
    this.#ctx.flush()
  }

  leave(reader: Reader): void {
    this.readers.remove(reader)
    this.#configure()
    if (this.#config) return this.moved()
    // Nobody is left for whom ids are read: whoever catches up next begins the stream anew.
    this.#stopRecovery()
    this.#cancelLookup()
    this.#awaited = null
    this.#origin.forget()
    if (this.#phase === "recovering") this.#goLive()
  }

  close(): void {
    this.readers.clear()
    this.#stopRecovery()
    this.#cancelLookup()
    this.#cursor.close()
    this.#intake.close()
    this.#reconciler.stop()
  }

  /** The newest reader that catches up speaks for the stream: engine rule 19. */
  #configure(): void {
    const { newest } = this.readers
    this.#config = newest && { catchUp: newest.catchUp, shape: newest.message, settings: newest.settings }
  }

  /** @returns the seq from which the reader may follow the log; `null` if it starts elsewhere than the stream did */
  #place(start: Start): number | null {
    const seq = this.follow(start)
    if (seq !== null || this.isConfirmed) return seq
    const together = this.#origin.startTogether(start)
    if (!together) return null
    this.#known.start(together)
    this.#cursor.moved()
    return this.#origin.seq
  }

  /** The first reader that catches up gives the stream its position. */
  #begin(start: Start): number {
    // What came before was not read for its id.
    this.#intake.letThrough()
    const seq = this.log.next
    this.#takenTo = seq
    this.#origin.begin(start, seq)
    this.#known.start("position" in start ? start.position : undefined)
    this.#cursor.load()
    this.#host.load()
    return seq
  }

  // What the server says

  /** The hub has asked the server to subscribe, or will as soon as there is a cable. */
  onConfirming(): void {
    if (this.#phase !== "detached") return
    this.#phase = "confirming"
    this.#intake.hold()
  }

  onConfirmed(): void {
    this.#reconciler.confirmed()
    this.#refusedVersion = null
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
    this.#stopRecovery()
    this.#reconciler.stop()
    // Where "now" is stays worth knowing; where to go on after a gap has to be asked anew.
    if (this.#origin.stage === "placed") this.#cancelLookup()
    if (!wasConfirmed) return
    this.#origin.close()
    this.tell(STATE.disconnected(willAttemptReconnect))
  }

  /** @param json the message as text */
  onMessage({ message, json }: { message: unknown; json: string }): void {
    if (this.#phase === "detached") return this.#ctx.count("framesAfterLeaving")
    const identity = this.#config ? identify(message, this.#config.shape) : EPHEMERAL
    if (identity.mangled) this.#ctx.count("mangledIds")
    const { id, at } = identity
    const text = `["live",${id === null ? "null" : JSON.stringify(id)},${at},${json}]`
    this.#intake.add({ type: "live", id, text, taken: false }, identity, this.settings?.reorderFor ?? 0)
  }

  /** The hub holds the mutex now: what was learned before may be written. */
  onBegan(): void {
    this.#cursor.changed()
  }

  onLoaded(row: Row | null | "failed"): void {
    if (this.#cursor.isLoading) this.#cursor.loaded(row)
    if (this.#origin.stage !== "cursor") return
    if (row === "failed") this.#findNow("storage")
    else if (row) this.#startAt(row.position)
    else this.#findNow()
  }

  onRowRefused(row: Row): void {
    this.#cursor.refused(row)
  }

  /** A tab woke up, or a page became visible. */
  onWake(): void {
    if (this.#phase === "live") this.#reconciler.wake()
  }

  inspect(identifier: string, channel: string): StreamInspection {
    const { after } = this.#known
    return {
      identifier,
      channel,
      phase: this.#phase,
      cursor: { ...(after === undefined ? {} : { after }), seen: this.#known.seenCount },
      subscriptions: this.readers.size,
      log: { ...this.log.size, first: this.log.first, next: this.log.next },
      held: this.#intake.waiting,
    }
  }

  // Where the stream starts

  #startAt(position: Position): void {
    this.#isGuessed = this.#origin.stage === "placed"
    this.#origin.stage = "placed"
    this.#origin.foundAt = position
    this.#known.start(position)
    this.tell(STATE.start(position))
    this.#cursor.changed()
    if (this.#phase === "recovering") {
      this.#intake.hold()
      this.#startRecovery()
    }
    this.readers.startWaiting()
  }

  /** Where "now" is, by the endpoint's word; if it has none, the first live message will be it (engine rule 12). */
  #findNow(gap: GapReason | null = null): void {
    this.#gap = gap
    if (this.#origin.stage === "cursor") {
      this.#origin.becomeNow()
      this.readers.startWaiting()
    }
    this.#lookup?.cancel()
    this.#lookup = this.askNow(cursor => {
      this.#lookup = null
      if (cursor !== undefined && this.#known.after === undefined) return this.#startAt({ after: cursor, seen: [] })
      this.#origin.stage = "placed"
      if (this.#phase === "recovering" && !this.#recovery) this.#finishRecovery(null)
      this.readers.startWaiting()
    })
  }

  ask(after: Id | null, done: (result: PageResult) => void): PageAsk {
    return this.#question(after, this.#config?.catchUp.limit ?? 1, true, done)
  }

  askNow(done: (cursor: Id | null | undefined, isAnswered: boolean) => void): PageAsk {
    return this.#question(null, 0, false, result => {
      if (result.type === "page") done(result.cursor, true)
      else done(undefined, false)
    })
  }

  #question(after: Id | null, limit: number, retries: boolean, done: (result: PageResult) => void): PageAsk {
    if (!this.#config) throw new Error("a stream without catchUp never asks")
    const { catchUp, shape } = this.#config
    const { fetches, credentials } = this.#host
    return new PageAsk(this.#ctx, fetches, credentials, { catchUp, shape, after, limit, retries }, done)
  }

  // Recovering

  #recover(): void {
    this.#phase = "recovering"
    this.#intake.hold()
    if (!this.#config) return this.#goLive()
    // A store may take its time: live messages flow meanwhile (engine rule 15).
    if (this.#origin.stage === "cursor") return this.#intake.release()
    this.#onAsking()
    if (this.#lookup) return
    if (this.#known.after === undefined) return this.#goOnUnknown()
    this.#startRecovery()
  }

  /** Nobody knows where "now" was when the cable was lost: that is a gap, and a new "now" is looked for. */
  #goOnUnknown(): void {
    if (this.#wasLive) this.#findNow("no-cursor")
    else this.#finishRecovery(null)
  }

  #startRecovery(): void {
    this.#run(outcome => this.#onRecovered(outcome))
  }

  #onComplete(): void {
    this.#cursor.completed()
    this.readers.mend()
  }

  #onRecovered(outcome: Outcome): void {
    if (outcome.type === "again") return this.#startRecovery()
    if (outcome.type === "gap") return this.#onGap(outcome)
    this.#onComplete()
    if (this.#intake.takeOverflow()) this.#startRecovery()
    else this.#finishRecovery(null)
  }

  /**
   * The place is gone at the server: go on from where it says that "now" is. Without an answer the place is kept: if it is
   * there after all, the next reconcile finds what came since.
   */
  #onGap({ reason, gone }: Outcome & { type: "gap" }): void {
    if (reason === "unauthorized") this.#refusedVersion = this.#host.credentials.version
    if (!gone) return this.#finishRecovery(reason)
    this.#lookup = this.askNow((after, isAnswered) => {
      this.#lookup = null
      if (!isAnswered) return this.#finishRecovery(reason)
      const entry: PageEntry = {
        type: "page",
        unknown: [],
        move: { after, covered: [] },
        text: EMPTY_PAGE,
        taken: false,
      }
      this.log.append(entry)
      this.#known.move(after === undefined ? this.readers.replayedFrom : after, [], false)
      this.#cursor.completed()
      this.#finishRecovery(reason)
    })
  }

  #finishRecovery(reason: GapReason | null): void {
    this.tell(STATE.caughtUp(reason ?? this.#gap))
    this.#gap = null
    this.#goLive()
  }

  #goLive(): void {
    this.#phase = "live"
    this.#wasLive = true
    this.#intake.release()
    // From here on the log no longer begins with what was missed: who comes now asks for itself.
    this.#origin.close()
    this.#reconciler.recovered()
  }

  #run(done: (outcome: Outcome) => void): void {
    this.#recovery?.cancel()
    this.#recovery = new Recovery(this.#ctx, this.#known, this.settleFor, {
      ask: (after, answered) => this.ask(after, answered),
      append: entry => this.#append(entry),
      asking: () => this.#onAsking(),
      moved: () => this.#cursor.changed(),
      done: outcome => {
        this.#recovery = null
        this.#holdTimer.clear()
        done(outcome)
      },
    })
    this.#recovery.start()
  }

  /** A catch-up that hangs or fails, or a frozen tab that has its page, may not leave people deaf beyond `holdFor`. */
  #onAsking(): void {
    if (this.#intake.isHolding) this.#holdTimer.set(this.#ctx.now + (this.settings?.holdFor ?? 0))
  }

  #cancelLookup(): void {
    this.#lookup?.cancel()
    this.#lookup = null
  }

  #stopRecovery(): void {
    this.#recovery?.cancel()
    this.#recovery = null
    this.#holdTimer.clear()
  }

  // Reconciling

  get settings(): StreamSettings | null {
    return this.#config?.settings ?? null
  }

  isWatched(): boolean {
    return this.#host.isWatched()
  }

  pressedSince(): number | null {
    return this.#recovery || this.#phase !== "live" ? null : this.#known.halfFullSince
  }

  reconcile(): boolean {
    const isRefused = this.#refusedVersion === this.#host.credentials.version
    // A page that only a frozen tab was to take must not keep the others from asking anew.
    if (this.#recovery?.isAsking || this.#phase !== "live" || !this.#config || isRefused) return false
    if (this.#known.after === undefined) {
      if (this.#origin.stage === "placed" && !this.#lookup) this.#findNow()
      return false
    }
    this.#run(outcome => this.#onReconciled(outcome))
    return true
  }

  #onReconciled(outcome: Outcome): void {
    switch (outcome.type) {
      case "complete":
        this.#onComplete()
        return this.#reconciler.done()
      case "again":
        return this.#reconciler.postpone()
      case "gap":
        this.#phase = "recovering"
        return this.#onGap(outcome)
    }
  }

  // The log

  tell(entry: Entry): void {
    this.log.append(entry)
    this.#ctx.flush()
  }

  /** Tabs in lockstep pass the same entries; only the first to take one changes anything. */
  passed(from: number, to: number): void {
    let changed = false
    for (let seq = Math.max(from, this.#takenTo, this.log.first); seq < to; seq++) {
      const entry = this.log.at(seq)
      if (entry) changed = this.#onTaken(entry) || changed
    }
    if (from <= this.#takenTo) this.#takenTo = Math.max(this.#takenTo, to)
    if (changed) this.#onProgress()
  }

  #onProgress(): void {
    this.#cursor.changed()
    this.#reconciler.relieve()
  }

  #append(entry: Entry): void {
    if (entry.type === "live" && entry.id !== null) this.#known.arrived(entry.id)
    const seq = this.log.append(entry)
    if (entry.type === "page") this.#awaited = { seq, entry }
    this.#ctx.flush()
  }

  /**
   * A reader has taken pages of its own. If they show that the stream stands where rows may still commit before it (a
   * place that a page rendered, or that the endpoint called now), the stream goes on from the reader's place: its
   * reconciles would never ask for what the reader still lacks.
   */
  replayed(after: Id | null, { from, seq, unsettled }: Replayed): void {
    const own = this.#known.after
    // Only what the stream covered before: what the reader was given beyond it, the others may still lack.
    const covered = own ? unsettled.slice(0, unsettled.indexOf(own) + 1) : []
    if (!this.#known.isSettled && covered.length > 0) this.#goBack(after, covered)
    // The message at the stream's place may be gone, and so in no page; whoever starts at the beginning is before it.
    else if (!this.#known.isSettled && from === null && own !== null) this.#goBack(null, [])
    // It covers a page before its end, though it did not take this very entry.
    if (this.#awaited && this.#awaited.seq < seq && this.#onTaken(this.#awaited.entry)) this.#onProgress()
  }

  /** A reader's place will do where nobody knows the stream's; one that was sought before a guess was made is before it. */
  stands(after: Id | null, wasUnknown: boolean): void {
    if (this.#known.after === undefined || (wasUnknown && this.#isGuessed)) this.#goBack(after, [])
  }

  #goBack(after: Id | null, covered: readonly Id[]): void {
    this.#isGuessed = false
    this.#known.goBack(after, covered)
    this.#cursor.moved()
  }

  tookOwn(entries: readonly Entry[]): void {
    const ids = entries.flatMap(entry => (entry.type === "page" ? entry.unknown : []))
    const pending = ids.filter(id => this.#known.isPending(id))
    for (const id of pending) this.#known.took(id)
    if (pending.length > 0) this.#onProgress()
  }

  follow(start: Start): number | null {
    return this.#origin.follow(start, this.log.first)
  }

  /**
   * A reader has gone or reads elsewhere. What no reader will take any more is news to a later page: the hub must not
   * count it as known, nor wait for it.
   */
  moved(): void {
    for (let seq = Math.max(this.#takenTo, this.log.first); seq < this.log.next; seq++) {
      if (this.readers.willPass(seq)) return
      const entry = this.log.at(seq)
      if (entry) this.#onOrphaned(entry)
      this.#takenTo = seq + 1
    }
  }

  /** @returns whether it was the first time */
  #onTaken(entry: Entry): boolean {
    if (entry.type === "state" || entry.taken) return false
    entry.taken = true
    if (entry.type === "live") {
      if (entry.id !== null) this.#took(entry.id)
      return true
    }
    if (this.#awaited?.entry === entry) this.#awaited = null
    for (const id of entry.unknown) this.#known.took(id)
    this.#recovery?.passed(entry)
    return true
  }

  /** The first live id of a stream that did not know where "now" was is its place, and its readers'. */
  #took(id: Id): void {
    if (this.#known.after !== undefined) return this.#known.took(id)
    // While the store or the endpoint may still say where the stream is, this is not it.
    if (this.#origin.stage !== "placed") return this.#known.lost(id)
    this.#isGuessed = true
    this.#known.start({ after: id, seen: [] })
    this.tell(STATE.start({ after: id, seen: [] }))
  }

  /** Nobody has taken it, and nobody will. */
  #onOrphaned(entry: Entry): void {
    if (entry.type === "state" || entry.taken) return
    const ids = entry.type === "page" ? entry.unknown : entry.id === null ? [] : [entry.id]
    for (const id of ids) this.#known.lost(id)
    if (entry.type !== "page") return
    if (this.#awaited?.entry === entry) this.#awaited = null
    this.#recovery?.evicted(entry)
  }
}

const EPHEMERAL: Identity = { id: null, at: null, mangled: false }
const EMPTY_PAGE = '["page",[],[]]'
