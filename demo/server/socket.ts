// One open socket: its commands in, its subscriptions, and the frames it is sent.

import type { WebSocket } from "ws"

import { join, parseRecord, type Action, type House } from "./channels.ts"
import type { Stats } from "./stats.ts"
import type { Timers } from "./timers.ts"

/** `listening` is not what the client was told: that is one of the holes. */
type Subscription = { stream: string; actions: Readonly<Record<string, Action>>; listening: boolean }

export class Socket {
  readonly #number: number
  readonly #socket: WebSocket
  readonly #house: House
  readonly #stats: Stats
  readonly #timers: Timers
  readonly #subscriptions = new Map<string, Subscription>()

  constructor(number: number, socket: WebSocket, house: House, stats: Stats, timers: Timers) {
    this.#number = number
    this.#socket = socket
    this.#house = house
    this.#stats = stats
    this.#timers = timers
  }

  /** Anything that is not a command is skipped, as Rails does (it logs). */
  receive(text: string): void {
    const frame = parseRecord(text)
    const command = frame?.["command"]
    const identifier = frame?.["identifier"]
    if (!frame || typeof command !== "string" || typeof identifier !== "string") return
    this.#stats.command(this.#number, command, identifier)
    if (command === "subscribe") this.#subscribe(identifier)
    if (command === "unsubscribe") this.#subscriptions.delete(identifier)
    if (command === "message") this.#perform(identifier, frame["data"])
  }

  /** @returns how many subscriptions it went to */
  broadcast(stream: string, json: string): number {
    let reached = 0
    for (const [identifier, subscription] of this.#subscriptions) {
      if (!subscription.listening || subscription.stream !== stream) continue
      this.send(messageFrame(identifier, json))
      reached += 1
    }
    return reached
  }

  send(text: string): void {
    if (!this.#house.faults.silent) this.#socket.send(text)
  }

  close(): void {
    this.#socket.close(1000)
  }

  cut(): void {
    this.#socket.terminate()
  }

  /** A second `subscribe` for an identifier is not answered, whatever became of the first. */
  #subscribe(identifier: string): void {
    if (this.#subscriptions.has(identifier)) return
    const joining = join(identifier, this.#house)
    switch (joining.type) {
      case "absent":
        return
      case "rejected":
        return this.send(JSON.stringify({ identifier, type: "reject_subscription" }))
      case "joined": {
        const { faults } = this.#house
        const subscription: Subscription = { ...joining, listening: false }
        this.#subscriptions.set(identifier, subscription)
        if (faults.strikes("noAnswer")) return
        this.send(JSON.stringify({ identifier, type: "confirm_subscription" }))
        return this.#timers.after(faults.confirmEarly, () => (subscription.listening = true))
      }
    }
  }

  #perform(identifier: string, json: unknown): void {
    const data = parseRecord(json)
    const action = data?.["action"]
    const subscription = this.#subscriptions.get(identifier)
    if (!data || typeof action !== "string" || !subscription) return
    if (!Object.hasOwn(subscription.actions, action)) return
    const transmit = (message: unknown): void => this.send(messageFrame(identifier, JSON.stringify(message)))
    subscription.actions[action]?.(data, transmit)
  }
}

/** Rails writes the identifier first. */
function messageFrame(identifier: string, json: string): string {
  return `{"identifier":${JSON.stringify(identifier)},"message":${json}}`
}
