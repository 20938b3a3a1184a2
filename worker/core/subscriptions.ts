// What the server has been told of one identifier and what it has said, kept apart from what is wanted. Rails runs one
// socket's commands in a thread pool, so an unsubscribe directly followed by a subscribe may run in the other order and
// leave nothing subscribed, without an answer: one command at a time, and a pause after each unsubscribe.

import type { Command } from "../../shared/frame.ts"
import type { Context } from "./context.ts"
import type { Timer } from "./timers.ts"

/** After an unsubscribe, which is never answered. Back to back, 3–10 % ended unsubscribed on Rails 6.1. */
export const PAUSE_MS = 300
/** A subscribe that is not answered is cured by unsubscribe, pause, subscribe: Rails ignores a mere repetition. */
export const CONFIRM_WITHIN_MS = 5_000
/** Performs that wait for a confirmation. */
const PERFORM_LIMIT = 256

type Said = "nothing" | "asked" | "confirmed" | "rejected" | "left"

export interface ServerSubscriptionEvents {
  confirmed(): void
  rejected(): void
  /** Nobody wants it and the server has been told: it can be forgotten. */
  over(): void
}

export class ServerSubscription {
  #said: Said = "nothing"
  /** A subscribe has not been answered in time: whichever is answered, commands between them may run after it. */
  #isLate = false
  #wanted = false
  /** Actions that wait for the confirmation. */
  readonly #performs: string[] = []
  readonly #identifier: string
  readonly #ctx: Context
  readonly #send: (text: string) => boolean
  readonly #events: ServerSubscriptionEvents
  readonly #timer: Timer

  constructor(ctx: Context, identifier: string, send: (text: string) => boolean, events: ServerSubscriptionEvents) {
    this.#ctx = ctx
    this.#identifier = identifier
    this.#send = send
    this.#events = events
    this.#timer = ctx.timer(() => this.#onTimer())
  }

  /** Says what should be; the wire follows at its own pace, and churn ends in what was said last. */
  want(wanted: boolean): void {
    this.#wanted = wanted
    if (wanted && this.#said === "rejected") this.#become("nothing")
    this.#step()
  }

  /** A new cable is live: the server knows nothing. */
  cableLive(): void {
    this.#isLate = false
    this.#become("nothing")
    this.#step()
  }

  cableLost(): void {
    this.#become("nothing")
    this.#dropPerforms()
    if (!this.#wanted) this.#events.over()
  }

  onConfirmed(): void {
    if (this.#said === "confirmed") return
    // Of a network that stood still, subscribe, unsubscribe and subscribe come at once, and Rails runs them in any order:
    // what it confirms may be gone again. Repeating the subscribe would prove nothing: where it stands, that is not answered.
    if (this.#said !== "asked" || this.#isLate) {
      this.#isLate = false
      return this.#unsubscribe()
    }
    this.#become("confirmed")
    for (const data of this.#performs.splice(0)) this.#perform(data)
    if (this.#wanted) this.#events.confirmed()
    this.#step()
  }

  onRejected(): void {
    // The answer to a repetition: the confirmation before it was that of what has been left meanwhile.
    if (this.#said === "confirmed") return this.#unsubscribe()
    if (this.#said !== "asked") return
    this.#become("rejected")
    this.#dropPerforms()
    if (this.#wanted) this.#events.rejected()
    else this.#step()
  }

  /** After a rejection: once more, with what is known now. */
  again(): void {
    if (this.#said !== "rejected" || !this.#wanted) return
    this.#become("nothing")
    this.#step()
  }

  /** Waits for the confirmation if that is due: before it, Rails answers with "unable to find subscription". */
  perform(data: string): void {
    const isComing = this.#wanted && (this.#said === "asked" || this.#said === "left")
    if (this.#said === "confirmed") this.#perform(data)
    else if (isComing && this.#performs.length < PERFORM_LIMIT) this.#performs.push(data)
    else this.#ctx.count("performsDropped")
  }

  close(): void {
    this.#timer.clear()
  }

  #step(): void {
    if (this.#wanted && this.#said === "nothing") this.#subscribe()
    if (!this.#wanted && this.#said === "confirmed") this.#unsubscribe()
    if (!this.#wanted && (this.#said === "nothing" || this.#said === "rejected")) this.#events.over()
  }

  #subscribe(): void {
    if (!this.#command({ command: "subscribe", identifier: this.#identifier })) return
    this.#become("asked")
    this.#timer.set(this.#ctx.now + CONFIRM_WITHIN_MS)
  }

  #unsubscribe(): void {
    this.#command({ command: "unsubscribe", identifier: this.#identifier })
    this.#become("left")
    this.#timer.set(this.#ctx.now + PAUSE_MS)
  }

  #onTimer(): void {
    if (this.#said === "asked") {
      this.#ctx.count("confirmationsMissed")
      this.#isLate = true
      return this.#unsubscribe()
    }
    this.#become("nothing")
    this.#step()
  }

  #dropPerforms(): void {
    this.#ctx.count("performsDropped", this.#performs.splice(0).length)
  }

  #perform(data: string): void {
    this.#command({ command: "message", identifier: this.#identifier, data })
  }

  #command(command: Command): boolean {
    return this.#send(JSON.stringify(command))
  }

  #become(said: Said): void {
    this.#said = said
    this.#timer.clear()
  }
}
