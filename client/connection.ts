// The cable, as one consumer sees it: a view of the shared one, and this consumer's wish to have it. Closing it concerns
// this consumer's subscriptions; the cable itself closes when nobody wants it.

import type { CableState } from "../shared/bridge.ts"
import type { Consumer } from "./consumer.ts"
import { ConnectionMonitor, INTERNAL, logger } from "./rails.ts"
import { sessionOf } from "./session.ts"
import { leave, type Subscriptions } from "./subscriptions.ts"

type State = "connecting" | "open" | "closed"

const STATES: Record<CableState, State> = {
  idle: "connecting",
  opening: "connecting",
  live: "open",
  waiting: "closed",
  refused: "closed",
}

/** As soon as Rails' monitor would find a closed socket stale. */
const REOPEN_MS = 6_000

export class Connection {
  /** Milliseconds, in Rails; the hub reopens at once. */
  static reopenDelay = 500
  readonly consumer: Consumer
  readonly subscriptions: Subscriptions
  readonly monitor: ConnectionMonitor
  /** `null`: never opened. */
  #wanted: boolean | null = null
  #reopening: ReturnType<typeof setTimeout> | undefined

  constructor(consumer: Consumer) {
    this.consumer = consumer
    this.subscriptions = consumer.subscriptions
    this.monitor = new ConnectionMonitor(this)
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

  get disconnected(): boolean {
    return !this.isOpen()
  }

  isOpen(): boolean {
    return this.isState("open")
  }

  isActive(): boolean {
    return this.isState("open", "connecting")
  }

  isState(...states: readonly (State | null)[]): boolean {
    return states.includes(this.getState())
  }

  getState(): State | null {
    if (!this.#wanted) return this.#wanted === null ? null : "closed"
    return STATES[sessionOf(this.consumer).cable]
  }

  /** The hub opens no cable with another one. */
  getProtocol(): string | undefined {
    return this.isOpen() ? INTERNAL.protocols[0] : undefined
  }

  isProtocolSupported(): boolean {
    return this.isOpen()
  }

  triedToReconnect(): boolean {
    return this.monitor.reconnectAttempts > 0
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
