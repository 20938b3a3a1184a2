// The cable, as one consumer sees it: a view of the shared one, and this consumer's wish to have it. Closing it concerns
// this consumer's subscriptions; the cable itself closes when nobody wants it.

import type { CableState } from "../shared/bridge.ts"
import type { Consumer } from "./consumer.ts"
import { logger } from "./rails.ts"
import { sessionOf } from "./session.ts"
import { leave } from "./subscriptions.ts"

const STATES: Record<CableState, "open" | "connecting" | "closed"> = {
  idle: "connecting",
  opening: "connecting",
  live: "open",
  waiting: "closed",
  refused: "closed",
}

/** As soon as Rails' monitor would find a closed socket stale. */
const REOPEN_MS = 6_000

export class Connection {
  readonly consumer: Consumer
  /** `null`: never opened. */
  #wanted: boolean | null = null
  #reopening: ReturnType<typeof setTimeout> | undefined

  constructor(consumer: Consumer) {
    this.consumer = consumer
  }

  /** @returns false when it is open or about to be */
  open(): boolean {
    const session = sessionOf(this.consumer)
    if (this.isActive()) {
      logger.log(`Attempted to open a cable that is ${this.getState()}`)
      return false
    }
    clearTimeout(this.#reopening)
    this.#wanted = session.open(this.consumer)
    const { subscriptions } = this.consumer
    for (const subscription of subscriptions.subscriptions) subscriptions.subscribe(subscription)
    return this.#wanted
  }

  close({ allowReconnect }: { allowReconnect: boolean } = { allowReconnect: true }): void {
    clearTimeout(this.#reopening)
    if (!this.#wanted) return
    this.#wanted = false
    for (const subscription of this.consumer.subscriptions.subscriptions) leave(subscription, allowReconnect)
    sessionOf(this.consumer).close(this.consumer)
    if (allowReconnect) this.#reopening = setTimeout(() => this.open(), REOPEN_MS)
  }

  /** Renews the shared cable, for every tab. */
  reopen(): boolean | undefined {
    if (!this.isActive()) return this.open()
    sessionOf(this.consumer).reopen()
    return undefined
  }

  isOpen(): boolean {
    return this.getState() === "open"
  }

  isActive(): boolean {
    return this.isOpen() || this.getState() === "connecting"
  }

  getState(): "connecting" | "open" | "closed" | null {
    if (!this.#wanted) return this.#wanted === null ? null : "closed"
    return STATES[sessionOf(this.consumer).cable]
  }

  /** @returns false when the cable is not open: nothing was sent */
  send({ command, identifier, data }: CableCommand): boolean {
    if (command !== "message" || data === undefined || !this.isOpen()) return false
    sessionOf(this.consumer).perform(identifier, data)
    return true
  }
}

/** Only messages can be sent: subscribing is the hub's. */
export type CableCommand = { command: string; identifier: string; data?: string }
