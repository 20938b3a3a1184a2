// One run at the server: the messages it has sent, the sockets they go to, and what its tabs say. A room is new for each
// run, so nothing of one run (worker, cursor, messages) is there in the next.

import { once } from "node:events"
import type { Duplex } from "node:stream"
import { setImmediate as yieldToOthers } from "node:timers/promises"
import type { WebSocket } from "ws"
import { messageText } from "./message.ts"
import type { Report, Word } from "./word.ts"

export type Flood = { sent: number; ms: number; reports: readonly Report[]; requests: number }

type Listener = { socket: WebSocket; stream: Duplex; identifier: string }
type Waiter = { isTrue: () => boolean; resolve: () => void }

const PING_EVERY_MS = 3_000
/** Frames for one write to the kernel: as many as a busy server's socket would gather. */
const BLOCK = 64
/** An outage lasts longer than messages take to settle. */
const LONG_AGO_MS = 60_000
const PATIENCE_MS = 60_000

export class Room {
  readonly id: string
  readonly tabs: number
  /** Catch-up pages. */
  #requests = 0
  /** When the first of an outage was asked for. */
  #askedAt: number | null = null
  readonly #window: number
  readonly #messages: string[] = []
  readonly #listeners = new Set<Listener>()
  readonly #ready = new Set<number>()
  readonly #progress = new Map<number, number>()
  readonly #reports = new Map<number, Report>()
  readonly #waiters = new Set<Waiter>()

  /** @param window by how many messages the server may be ahead of the slowest tab */
  constructor(id: string, tabs: number, window: number) {
    this.id = id
    this.tabs = tabs
    this.#window = window
  }

  /** A cable has opened: as much ActionCable as a flood needs. */
  welcome(socket: WebSocket, stream: Duplex): void {
    const ping = () => socket.send(JSON.stringify({ type: "ping", message: Math.floor(Date.now() / 1_000) }))
    const beat = setInterval(ping, PING_EVERY_MS)
    socket.send('{"type":"welcome"}')
    ping()
    socket.on("message", (data: Buffer) => {
      const { command, identifier } = JSON.parse(data.toString()) as { command: string; identifier: string }
      if (command !== "subscribe") return
      socket.send(JSON.stringify({ identifier, type: "confirm_subscription" }))
      this.#listeners.add({ socket, stream, identifier })
    })
    socket.on("close", () => {
      clearInterval(beat)
      for (const listener of this.#listeners) if (listener.socket === socket) this.#listeners.delete(listener)
      this.#changed()
    })
  }

  hear(tab: number, word: Word): void {
    if (word.type === "ready") this.#ready.add(tab)
    else if (word.type === "progress") this.#progress.set(tab, word.at)
    else this.#reports.set(tab, word)
    this.#changed()
  }

  /** The catch-up endpoint. */
  page(after: number, limit: number): string {
    this.#requests += 1
    this.#askedAt ??= performance.now()
    const messages = this.#messages.slice(after, after + limit)
    const more = after + limit < this.#messages.length
    return `{"messages":[${messages.join(",")}],"has_more":${more},"cursor":${this.#messages.length || null}}`
  }

  everybodyReady(): Promise<void> {
    return this.#until(() => this.#ready.size === this.tabs)
  }

  empty(): Promise<void> {
    return this.#until(() => this.#listeners.size === 0)
  }

  /** Sends so many messages, as fast as sockets and slowest tab take them; resolves when every tab has reported. */
  async flood(count: number): Promise<Flood> {
    this.#reports.clear()
    const requests = this.#requests
    const first = this.#messages.length
    for (let tab = 0; tab < this.tabs; tab++) this.#progress.set(tab, first)
    const began = performance.now()
    const sending = [...this.#listeners].map(listener => this.#send(listener, first, count))
    await this.#until(() => this.#reports.size === this.tabs)
    const reports = [...this.#reports.values()]
    const ms = performance.now() - began - Math.min(...reports.map(({ late }) => late))
    await Promise.all(sending)
    return { sent: count, ms, reports, requests: this.#requests - requests }
  }

  /**
   * Cuts all cables for a minute, as it were, and has so many messages that are never broadcast; resolves when every tab has reported. `ms` is the
   * time since the first page of them was asked for.
   */
  async outage(count: number): Promise<Flood> {
    this.#reports.clear()
    const requests = this.#requests
    const end = this.#messages.length + count
    const now = Date.now()
    for (let index = this.#messages.length; index < end; index++) {
      this.#message(index, index === end - 1, new Date(now - LONG_AGO_MS - end + index))
    }
    this.#askedAt = null
    for (const { socket } of this.#listeners) socket.terminate()
    await this.#until(() => this.#reports.size === this.tabs)
    const reports = [...this.#reports.values()]
    const ms = performance.now() - (this.#askedAt ?? NaN) - Math.min(...reports.map(({ late }) => late))
    return { sent: count, ms, reports, requests: this.#requests - requests }
  }

  async #send({ socket, stream, identifier }: Listener, first: number, count: number): Promise<void> {
    const head = `{"identifier":${JSON.stringify(identifier)},"message":`
    const end = first + count
    for (let next = first; next < end;) {
      stream.cork()
      for (const stop = Math.min(end, next + BLOCK); next < stop; next++) {
        socket.send(`${head}${this.#message(next, next === end - 1)}}`)
      }
      stream.uncork()
      if (stream.writableNeedDrain) await once(stream, "drain")
      else await yieldToOthers()
      if (!this.#isWithinWindow(next)) await this.#until(() => this.#isWithinWindow(next))
    }
  }

  #isWithinWindow(next: number): boolean {
    return next + BLOCK <= Math.min(...this.#progress.values()) + this.#window
  }

  /** Created when the first socket gets to it. */
  #message(index: number, isLast: boolean, at = new Date()): string {
    return (this.#messages[index] ??= messageText(index + 1, isLast ? "end" : "message", at))
  }

  #changed(): void {
    for (const waiter of this.#waiters) if (waiter.isTrue()) waiter.resolve()
  }

  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        isTrue,
        resolve: () => {
          clearTimeout(timeout)
          this.#waiters.delete(waiter)
          resolve()
        },
      }
      const timeout = setTimeout(() => reject(new Error(this.#situation())), PATIENCE_MS)
      this.#waiters.add(waiter)
      if (isTrue()) waiter.resolve()
    })
  }

  #situation(): string {
    const progress = [...this.#progress.values()].join(" ")
    return `${this.id} has got stuck: of ${this.tabs} tabs, ${this.#ready.size} ready, ${this.#reports.size} done; ${
      this.#messages.length
    } messages sent; tabs have come to ${progress}; ${this.#listeners.size} sockets subscribed.`
  }
}
