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

/** Whether a command that is older than the confirmation may have undone it: after a while, the server is asked once more. */
export type Doubt = "none" | "open" | "asked"

export type Said =
  | { type: "nothing" }
  | { type: "asked" }
  | { type: "confirmed"; doubt: Doubt }
  | { type: "rejected" }
  | { type: "left" }

export interface ServerSubscriptionEvents {
  confirmed(): void
  rejected(): void
  /** Nobody wants it and the server has been told: it can be forgotten. */
  over(): void
}

export class ServerSubscription {
  #said: Said = { type: "nothing" }
  /** A subscribe has not been answered in time: whichever is answered, the others may run after it. */
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
    if (wanted && this.#said.type === "rejected") this.#become({ type: "nothing" })
    this.#step()
  }

  /** A new cable is live: the server knows nothing. */
  cableLive(): void {
    this.#isLate = false
    this.#become({ type: "nothing" })
    this.#step()
  }

  cableLost(): void {
    this.#become({ type: "nothing" })
    this.#dropPerforms()
    if (!this.#wanted) this.#events.over()
  }

  onConfirmed(): void {
    if (this.#said.type === "confirmed") {
      if (this.#said.doubt !== "asked") return
      // There was nothing left of it.
      this.#become({ type: "confirmed", doubt: "none" })
      return this.#events.confirmed()
    }
    if (this.#said.type !== "asked") {
      this.#isLate = false
      return this.#unsubscribe()
    }
    this.#become({ type: "confirmed", doubt: this.#isLate ? "open" : "none" })
    if (this.#isLate) this.#timer.set(this.#ctx.now + PAUSE_MS)
    this.#isLate = false
    for (const data of this.#performs.splice(0)) this.#perform(data)
    if (this.#wanted) this.#events.confirmed()
    this.#step()
  }

  onRejected(): void {
    // The answer to a repetition: the confirmation before it was that of what has been left meanwhile.
    if (this.#said.type === "confirmed") return this.#unsubscribe()
    if (this.#said.type !== "asked") return
    this.#become({ type: "rejected" })
    this.#dropPerforms()
    if (this.#wanted) this.#events.rejected()
    else this.#step()
  }

  /** After a rejection: once more, with what is known now. */
  again(): void {
    if (this.#said.type !== "rejected" || !this.#wanted) return
    this.#become({ type: "nothing" })
    this.#step()
  }

  /** Waits for the confirmation if that is due: before it, Rails answers with "unable to find subscription". */
  perform(data: string): void {
    const { type } = this.#said
    const isComing = this.#wanted && (type === "asked" || type === "left")
    if (type === "confirmed") this.#perform(data)
    else if (isComing && this.#performs.length < PERFORM_LIMIT) this.#performs.push(data)
    else this.#ctx.count("performsDropped")
  }

  close(): void {
    this.#timer.clear()
  }

  #step(): void {
    const { type } = this.#said
    if (this.#wanted && type === "nothing") this.#subscribe()
    if (!this.#wanted && type === "confirmed") this.#unsubscribe()
    if (!this.#wanted && (type === "nothing" || type === "rejected")) this.#events.over()
  }

  #subscribe(): void {
    if (!this.#command({ command: "subscribe", identifier: this.#identifier })) return
    this.#become({ type: "asked" })
    this.#timer.set(this.#ctx.now + CONFIRM_WITHIN_MS)
  }

  #unsubscribe(): void {
    this.#command({ command: "unsubscribe", identifier: this.#identifier })
    this.#become({ type: "left" })
    this.#timer.set(this.#ctx.now + PAUSE_MS)
  }

  #onTimer(): void {
    switch (this.#said.type) {
      case "asked":
        this.#ctx.count("confirmationsMissed")
        this.#isLate = true
        return this.#unsubscribe()
      case "confirmed":
        // A network that stood still delivers subscribe, unsubscribe and subscribe at once, and Rails runs them in any order.
        // Repeating it does no harm: Rails ignores that where there is a subscription, and makes one where there is none.
        this.#become({ type: "confirmed", doubt: "asked" })
        return void this.#command({ command: "subscribe", identifier: this.#identifier })
      case "nothing":
      case "rejected":
      case "left":
        this.#become({ type: "nothing" })
        return this.#step()
    }
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
