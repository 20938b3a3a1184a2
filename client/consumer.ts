// Where an application begins: one consumer per cable URL. It connects with its first subscription, or with `connect()`.
//
//   const consumer = createConsumer("/cable", { identity: currentSession })
//   consumer.subscriptions.create("ChatChannel", { received(message) { … } })

import type { Inspection } from "../shared/bridge.ts"
import { resolveConsumerOptions, type ConsumerOptions } from "../shared/options.ts"
import { Connection, type CableCommand } from "./connection.ts"
import { sessionOf } from "./session.ts"
import { Subscriptions } from "./subscriptions.ts"
import { cableURL, createWebSocketURL, getConfig, readMeta } from "./url.ts"

/** @throws CableError for what cannot work */
export function createConsumer(
  url: string | (() => string) = getConfig("url") || "/cable",
  options: ConsumerOptions = {},
): Consumer {
  return new Consumer(url, options)
}

export class Consumer {
  readonly _url: string | (() => string)
  readonly options: Readonly<ConsumerOptions>
  readonly subscriptions: Subscriptions
  readonly connection: Connection
  subprotocols: string[] = []

  constructor(url: string | (() => string), options: ConsumerOptions = {}) {
    resolveConsumerOptions(options)
    if (typeof url === "string" && typeof document !== "undefined") cableURL(url)
    this._url = url
    const worker = options.worker ?? readMeta("trunkline-worker")
    this.options = { ...options, ...(worker && { worker }) }
    this.subscriptions = new Subscriptions(this)
    this.connection = new Connection(this)
  }

  get url(): string {
    return createWebSocketURL(this._url)
  }

  send(command: CableCommand): boolean {
    return this.connection.send(command)
  }

  connect(): boolean {
    return this.connection.open()
  }

  disconnect(): void {
    this.connection.close({ allowReconnect: false })
  }

  ensureActiveConnection(): boolean | undefined {
    return this.connection.isActive() ? undefined : this.connection.open()
  }

  addSubProtocol(subprotocol: string): void {
    this.subprotocols = [...this.subprotocols, subprotocol]
  }

  /** What the hub is doing. Holds no token, query, header value or message. */
  inspect(): Promise<Inspection> {
    return sessionOf(this).inspect()
  }

  /** Log-out: closes the cable for every tab of this identity and deletes what it stored. This consumer is then over. */
  forget(): Promise<void> {
    return sessionOf(this).forget()
  }
}
