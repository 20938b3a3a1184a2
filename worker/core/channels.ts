// All identifiers of a hub, each as one channel: found by what a tab wants, by a frame, or by the key of its row.

import type { Want } from "../../shared/bridge.ts"
import { readMessage, type ServerFrame } from "../../shared/frame.ts"
import { rowKey } from "../../shared/identity.ts"
import type { Position } from "../../shared/position.ts"
import { Channel, type ChannelHost } from "./channel.ts"
import type { Context } from "./context.ts"
import type { Row, TabKey } from "./event.ts"
import type { Stream } from "./stream.ts"
import type { Seat } from "./tab.ts"

export interface ChannelsHost extends Pick<ChannelHost, "fetches" | "credentials" | "linger" | "send" | "isVisible"> {
  /** @returns `null` while this hub may not write */
  save(key: string, position: Position, over: Row | null): Row | null
}

export class Channels {
  readonly #all = new Map<string, Channel>()
  /** Whose message came last: messages come in runs, so the next one is most likely for it too. */
  #last: Channel | null = null
  readonly #ctx: Context
  readonly #rows: string
  readonly #host: ChannelsHost

  /** @param rows prefix of the rows' keys */
  constructor(ctx: Context, rows: string, host: ChannelsHost) {
    this.#ctx = ctx
    this.#rows = rows
    this.#host = host
  }

  [Symbol.iterator](): Iterator<Channel> {
    return this.#all.values()
  }

  get(identifier: string): Channel | undefined {
    return this.#all.get(identifier)
  }

  /** @param key of its row */
  streamOf(key: string): Stream | undefined {
    for (const { row, stream } of this) if (row === key) return stream
    return undefined
  }

  join(tab: TabKey, want: Want): Seat {
    const { identifier } = want
    const channel = this.#all.get(identifier) ?? this.#add(identifier)
    return { reader: channel.join(tab, want), log: channel.stream.log, identifier }
  }

  /** @returns false for a frame that is not a message of the same channel as the last one: then it has to be parsed */
  message(raw: unknown, maxLength: number): boolean {
    const last = this.#last
    const message = last && readMessage(raw, last.head, maxLength)
    if (!message) return false
    last.stream.onMessage(message)
    return true
  }

  frame(frame: Extract<ServerFrame, { identifier: string }>): void {
    const channel = this.#all.get(frame.identifier)
    if (!channel) this.#ctx.count("unknownIdentifiers")
    switch (frame.type) {
      case "message":
        if (!channel) return
        this.#last = channel
        return channel.stream.onMessage(frame)
      case "rejected":
        return channel?.server.onRejected()
      case "confirmed":
        // Whatever asked for it has left: a channel for as long as it takes to leave it, or the server would go on sending.
        return (channel ?? this.#add(frame.identifier)).server.onConfirmed()
    }
  }

  cableLive(): void {
    for (const channel of this) channel.cableLive()
  }

  cableLost(willAttemptReconnect: boolean): void {
    for (const channel of this) channel.cableLost(willAttemptReconnect)
  }

  end(willAttemptReconnect: boolean): void {
    for (const channel of this) {
      channel.end(willAttemptReconnect)
      this.#drop(channel)
    }
  }

  #add(identifier: string): Channel {
    const row = rowKey(this.#rows, identifier)
    const { fetches, credentials, linger, send, isVisible } = this.#host
    const channel = new Channel(this.#ctx, identifier, row, {
      fetches,
      credentials,
      linger,
      send,
      isVisible,
      load: () => this.#ctx.emit({ type: "load", key: row }),
      save: (position, over) => this.#host.save(row, position, over),
      over: ended => this.#drop(ended),
    })
    this.#all.set(identifier, channel)
    return channel
  }

  /** Another one may have taken its place already. */
  #drop(channel: Channel): void {
    channel.close()
    if (this.#all.get(channel.identifier) === channel) this.#all.delete(channel.identifier)
    if (this.#last === channel) this.#last = null
  }
}
