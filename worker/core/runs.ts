// A stream's runs over the pages that it misses, one at a time: the recovery after each confirmation, the reconciles of a
// healthy cable, and what follows when one ends.

import type { GapReason } from "../../shared/errors.ts"
import type { Context } from "./context.ts"
import type { Cursor } from "./cursor.ts"
import type { Endpoint } from "./endpoint.ts"
import type { Intake } from "./intake.ts"
import type { Known } from "./known.ts"
import type { Entry, PageEntry } from "./log.ts"
import type { Placement } from "./placement.ts"
import type { Readers } from "./readers.ts"
import type { Began, Reconciler } from "./reconciler.ts"
import { Recovery, type Outcome } from "./recovery.ts"
import { STATE } from "./states.ts"

export interface RunsHost {
  readonly known: Known
  readonly cursor: Cursor
  readonly endpoint: Endpoint
  readonly placement: Placement
  readonly intake: Intake
  readonly reconciler: Reconciler
  readonly readers: Readers
  readonly isRecovering: boolean
  append(entry: PageEntry): void
  tell(entry: Entry): void
  /** A reconcile found that the place is gone: the stream recovers. */
  fellBack(): void
  /** The recovery is over, for better or worse, and its readers were told. */
  recovered(): void
}

export class Runs {
  #run: Recovery | null = null
  /** A recovery has ended before: what came until the cable was lost, the readers have. */
  #wasLive = false
  readonly #ctx: Context
  readonly #host: RunsHost

  constructor(ctx: Context, host: RunsHost) {
    this.#ctx = ctx
    this.#host = host
  }

  get isRunning(): boolean {
    return this.#run !== null
  }

  live(): void {
    this.#wasLive = true
  }

  /** The server has confirmed, or the first who catches up has come to a confirmed stream. */
  recover(): void {
    const { known, intake, placement } = this.#host
    // A store may take its time: live messages flow meanwhile (engine rule 15).
    if (placement.stage === "cursor") return intake.release()
    this.#onAsking()
    if (placement.isAsking) return
    if (known.after !== undefined) return this.#startRecovery()
    // Nobody knows where "now" was when the cable was lost: that is a gap, and a new "now" is looked for.
    if (this.#wasLive) placement.findNow("no-cursor")
    else this.#finishRecovery(null)
  }

  /** The store or the endpoint has told where the stream stands. */
  onFound(): void {
    if (!this.#host.isRecovering) return
    this.#host.intake.hold()
    this.#startRecovery()
  }

  onNotFound(): void {
    if (this.#host.isRecovering && !this.#run) this.#finishRecovery(null)
  }

  /** On a live stream. */
  reconcile(): Began {
    const { known, endpoint, placement, readers } = this.#host
    // A page that only a frozen tab was to take must not keep the others from asking anew.
    if (this.#run?.isAsking) return "later"
    if (!endpoint.isThere || endpoint.isRefused) return "never"
    if (known.after === undefined) {
      if (placement.stage === "placed" && !placement.isAsking) placement.findNow()
      readers.mend()
      return "never"
    }
    this.#startReconcile()
    return "now"
  }

  stop(): void {
    this.#run?.cancel()
    this.#run = null
    this.#host.intake.holdOn()
  }

  pageTaken(page: PageEntry): void {
    this.#run?.passed(page)
  }

  pageLost(page: PageEntry): void {
    this.#run?.evicted(page)
  }

  #startRecovery(): void {
    this.#start(outcome => this.#onRecovered(outcome))
  }

  #startReconcile(): void {
    this.#start(outcome => this.#onReconciled(outcome))
  }

  #start(done: (outcome: Outcome) => void): void {
    const { known, cursor, endpoint } = this.#host
    this.#run?.cancel()
    this.#run = new Recovery(this.#ctx, known, endpoint.settleFor, {
      ask: (after, answered) => endpoint.ask(after, answered),
      append: entry => this.#host.append(entry),
      asking: () => this.#onAsking(),
      moved: () => cursor.changed(),
      done: outcome => {
        this.stop()
        done(outcome)
      },
    })
    this.#run.start()
  }

  /** From here on the endpoint may hang or fail, or a frozen tab have its page. */
  #onAsking(): void {
    this.#host.intake.holdFor(this.#host.endpoint.settings?.holdFor ?? 0)
  }

  #onRecovered(outcome: Outcome): void {
    if (outcome.type === "again") return this.#startRecovery()
    if (outcome.type === "gap") return this.#onGap(outcome)
    this.#onComplete(outcome.isNamed)
    if (this.#host.intake.takeOverflow()) this.#startRecovery()
    else this.#finishRecovery(null)
  }

  #onReconciled(outcome: Outcome): void {
    switch (outcome.type) {
      case "complete":
        this.#onComplete(outcome.isNamed)
        return this.#host.reconciler.done()
      case "again":
        return this.#host.reconciler.postpone()
      case "gap":
        this.#host.fellBack()
        return this.#onGap(outcome)
    }
  }

  #onComplete(isNamed: boolean): void {
    const { cursor, readers } = this.#host
    if (isNamed) cursor.completed(readers.areAllThere)
    readers.mend()
  }

  /**
   * The place is gone at the server: go on from where it says that "now" is. Without an answer the place is kept: if it is
   * there after all, the next reconcile finds what came since.
   */
  #onGap({ reason, gone }: Outcome & { type: "gap" }): void {
    const { cursor, endpoint, placement } = this.#host
    if (reason === "unauthorized") endpoint.refused()
    if (!gone) return this.#finishRecovery(reason)
    placement.askNow((after, isAnswered) => {
      if (!isAnswered) return this.#finishRecovery(reason)
      placement.moveOn(after, reason)
      cursor.completed(true)
      this.#host.recovered()
    })
  }

  #finishRecovery(reason: GapReason | null): void {
    const gap = this.#host.placement.takeGap()
    this.#host.tell(STATE.caughtUp(reason ?? gap))
    this.#host.recovered()
  }
}
