// One tab of the driver's world: what it has been given, and when it takes it.

import type { Batch, CableState } from "../../../../shared/bridge.ts"
import type { WireEntry } from "../../../../shared/entry.ts"
import type { Event } from "../../../../worker/core/event.ts"
import { want, type WantOptions } from "./want.ts"

type Given = { n: number; batch: Batch }

export class TabDriver {
  readonly key: number
  /** A frozen tab takes nothing until it is told to. */
  isFrozen = false
  /** How long its callbacks take. */
  ms = 10
  /** What the last batch said of the cable. */
  cable: CableState | null = null
  /** All that it has ever been given. */
  readonly batches: Given[] = []
  readonly #put: (event: Event) => void
  #inFlight: Given | null = null
  readonly #heard = new Map<number, WireEntry[]>()

  constructor(key: number, put: (event: Event) => void) {
    this.key = key
    this.#put = put
  }

  receive(n: number, batch: Batch): void {
    if (this.#inFlight) throw new Error(`tab ${this.key} was given a batch before it had taken the last one`)
    this.#inFlight = { n, batch }
    this.batches.push({ n, batch })
    this.cable = batch.cable
    for (const { subscription, entries } of batch.parts) {
      const heard = this.#heard.get(subscription) ?? []
      this.#heard.set(subscription, [...heard, ...(JSON.parse(entries) as WireEntry[])])
    }
  }

  get isWaiting(): boolean {
    return this.#inFlight !== null
  }

  get isTaking(): boolean {
    return !this.isFrozen && this.#inFlight !== null
  }

  /** Its callbacks have run. */
  reply(): Event {
    const n = this.#inFlight?.n ?? 0
    this.#inFlight = null
    return { type: "taken", tab: this.key, n, ms: this.ms }
  }

  /** Takes what it was given; what follows, it keeps for later. */
  take(): void {
    if (!this.#inFlight) throw new Error(`tab ${this.key} was given nothing to take`)
    this.#put(this.reply())
  }

  /** From now on it takes everything at once. */
  thaw(): void {
    this.isFrozen = false
    if (this.#inFlight) this.#put(this.reply())
  }

  leave(): void {
    this.#inFlight = null
    this.isFrozen = true
    this.#put({ type: "tab-gone", tab: this.key })
  }

  subscribe(options: WantOptions): void {
    this.#put({ type: "subscribe", tab: this.key, want: want(options) })
  }

  unsubscribe(subscription = 1): void {
    this.#put({ type: "unsubscribe", tab: this.key, subscription })
  }

  wake(visible = true): void {
    this.#put({ type: "wake", tab: this.key, visible })
  }

  /** What a subscription has been given since the last call. */
  wire(subscription = 1): WireEntry[] {
    const heard = this.#heard.get(subscription) ?? []
    this.#heard.delete(subscription)
    return heard
  }

  /** The same in words: `page` names what it brings, `gap` its reason, `start` the position. */
  heard(subscription = 1): string[] {
    return this.wire(subscription).map(inWords)
  }

  /** Where the hub says that a subscription stands; `undefined`: it does not say. */
  after(subscription = 1): string | null | undefined {
    const parts = this.batches.flatMap(({ batch }) => batch.parts)
    return parts.findLast(part => part.subscription === subscription)?.after
  }
}

function inWords(entry: WireEntry): string {
  switch (entry[0]) {
    case "live":
      return entry[1] === null ? `live ${JSON.stringify(entry[3])}` : `live ${entry[1]}`
    case "page":
      return ["page", ...entry[2].map(([id]) => id)].join(" ")
    case "start":
      return [`start ${entry[1].after}`, ...entry[1].seen].join(" ")
    case "caught-up":
      return entry[1] === null ? "caught-up" : `gap ${entry[1]}`
    case "disconnected":
      return entry[1] ? "disconnected" : "disconnected for good"
    case "connected":
    case "rejected":
    case "behind":
      return entry[0]
  }
}
