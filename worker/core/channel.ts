// One identifier as the hub keeps it: its stream, what the server has been told of it, and how long it outlives its last
// reader on the wire, so that a page visit costs nothing.

import type { StreamInspection, Want } from "../../shared/bridge.ts"
import { messageHead } from "../../shared/frame.ts"
import { digest } from "../../shared/identity.ts"
import type { Position } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import type { Row, TabKey } from "./event.ts"
import type { Fetches } from "./page-ask.ts"
import { Reader } from "./reader.ts"
import { STATE } from "./states.ts"
import { Stream } from "./stream.ts"
import { ServerSubscription } from "./subscriptions.ts"
import type { Timer } from "./timers.ts"

export interface ChannelHost {
  fetches: Fetches
  credentials: Credentials
  /** Milliseconds for which a channel outlives its last reader. */
  linger(): number
  send(text: string): boolean
  load(): void
  /** @returns `null` while this hub may not write */
  save(position: Position, over: Row | null): Row | null
  isVisible(tab: TabKey): boolean
  /** Nobody wants it and the server has been told. */
  over(channel: Channel): void
}

export class Channel {
  readonly identifier: string
  /** The key of its row. */
  readonly row: string
  /** What its messages' frames start with. */
  readonly head: string
  readonly stream: Stream
  readonly server: ServerSubscription
  readonly #ctx: Context
  readonly #host: ChannelHost
  readonly #linger: Timer
  /** The server has rejected it once, and was asked again with other credentials. */
  #isRetried = false

  constructor(ctx: Context, identifier: string, row: string, host: ChannelHost) {
    this.identifier = identifier
    this.row = row
    this.head = messageHead(identifier)
    this.#ctx = ctx
    this.#host = host
    const { fetches, credentials } = host
    this.stream = new Stream(ctx, {
      fetches,
      credentials,
      load: () => host.load(),
      save: (position, over) => host.save(position, over),
      isWatched: () => [...this.stream.readers].some(reader => host.isVisible(reader.tab)),
    })
    this.server = new ServerSubscription(ctx, identifier, text => host.send(text), {
      confirmed: () => this.#onConfirmed(),
      rejected: () => this.#onRejected(),
      over: () => host.over(this),
    })
    this.#linger = ctx.timer(() => {
      this.stream.onLost(false)
      this.server.want(false)
    })
  }

  join(tab: TabKey, want: Want): Reader {
    const reader = new Reader(tab, want.subscription, want.catchUp !== null, this.stream.readers)
    this.stream.join(reader, want)
    this.#linger.clear()
    this.stream.onConfirming()
    this.server.want(true)
    return reader
  }

  leave(reader: Reader): void {
    this.stream.leave(reader)
    if (this.stream.readers.size === 0) this.#linger.set(this.#ctx.now + this.#host.linger())
  }

  cableLive(): void {
    if (this.stream.readers.size > 0) this.stream.onConfirming()
    this.server.cableLive()
  }

  cableLost(willAttemptReconnect: boolean): void {
    this.stream.onLost(willAttemptReconnect)
    this.server.cableLost()
  }

  /** Its readers hear that it is over, for good or until the next hub. */
  end(willAttemptReconnect: boolean): void {
    this.stream.readers.end(STATE.disconnected(willAttemptReconnect))
  }

  close(): void {
    this.stream.close()
    this.server.close()
    this.#linger.clear()
  }

  inspect(): StreamInspection {
    return this.stream.inspect(digest(this.identifier), channelName(this.identifier))
  }

  #onConfirmed(): void {
    this.#isRetried = false
    this.stream.onConfirmed()
  }

  /** Once more with new credentials, where there are any; then it is told to everybody who asked. */
  #onRejected(): void {
    const { credentials } = this.#host
    const isFinal = this.#isRetried || !credentials.available
    this.#isRetried = !isFinal
    if (isFinal) return this.stream.onRejected()
    credentials.ask("rejected", () => this.server.again())
  }
}

function channelName(identifier: string): string {
  try {
    return String((JSON.parse(identifier) as { channel?: unknown }).channel)
  } catch {
    return "?"
  }
}
