// One run at the server: the messages it has sent, the sockets they go to, and what its tabs say. A room is new for each
// run, so nothing of one run (worker, cursor, messages) is there in the next.

import { once } from "node:events"
import type { Duplex } from "node:stream"
import { setImmediate as yieldToOthers, setTimeout as wait } from "node:timers/promises"
import type { WebSocket } from "ws"
import { MESSAGE_BYTES, messageText, type MessageOptions } from "./message.ts"
import type { Order, Report, Word } from "./word.ts"

/** Messages alternate between so many streams. `window`: by how many the server may be ahead of the slowest tab. */
export type RoomOptions = { tabs: number; streams?: number; window?: number; bytes?: number }

export type Flood = { sent: number; ms: number; reports: readonly Report[]; requests: number; bytes: number }

type Listener = { socket: WebSocket; stream: Duplex; identifier: string; index: number }
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
  /** From when each tab began until it was connected, in milliseconds, by its number. */
  readonly connected = new Map<number, number>()
  /** Catch-up pages, and their bytes. */
  #requests = 0
  #bytes = 0
  /** When the first of an outage was asked for. */
  #askedAt: number | null = null
  readonly #streams: number
  readonly #window: number
  readonly #messageBytes: number
  readonly #messages: string[] = []
  readonly #listeners = new Set<Listener>()
  readonly #desks = new Map<number, WebSocket>()
  readonly #progress = new Map<number, number>()
  readonly #reports = new Map<number, Report>()
  readonly #waiters = new Set<Waiter>()
  /** Frozen tabs, for which nobody waits. */
  readonly #frozen = new Set<number>()

  constructor(id: string, { tabs, streams = 1, window = Infinity, bytes = MESSAGE_BYTES }: RoomOptions) {
    this.id = id
    this.tabs = tabs
    this.#streams = streams
    this.#window = window
    this.#messageBytes = bytes
  }

  get sockets(): number {
    return new Set([...this.#listeners].map(({ socket }) => socket)).size
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
      const { stream: index } = JSON.parse(identifier) as { stream: number }
      // As Rails does it: whoever subscribes twice is subscribed once.
      const known = [...this.#listeners].some(other => other.socket === socket && other.identifier === identifier)
      if (!known) this.#listeners.add({ socket, stream, identifier, index })
      socket.send(JSON.stringify({ identifier, type: "confirm_subscription" }))
    })
    socket.on("close", () => {
      clearInterval(beat)
      for (const listener of this.#listeners) if (listener.socket === socket) this.#listeners.delete(listener)
      this.#changed()
    })
  }

  /** A tab has come to say something, and hears orders. */
  seat(tab: number, socket: WebSocket): void {
    this.#desks.set(tab, socket)
    const order = (order: Order) => socket.send(JSON.stringify(order))
    socket.on("message", (data: Buffer) => {
      const word = JSON.parse(data.toString()) as Word
      if (word.type === "clock") return order({ type: "clock", now: performance.now() })
      if (word.type === "ready") this.connected.set(tab, word.connected)
      else if (word.type === "progress") this.#progress.set(tab, word.at)
      else this.#reports.set(tab, word)
      this.#changed()
    })
  }

  /** Has a tab close itself. */
  dismiss(tab: number): void {
    this.#desks.get(tab)?.send(JSON.stringify({ type: "close" } satisfies Order))
  }

  /** Whatever comes, this tab will not take it. */
  exclude(tab: number): void {
    this.#frozen.add(tab)
  }

  /** The catch-up endpoint. */
  page(stream: number, after: number, limit: number): string {
    this.#requests += 1
    this.#askedAt ??= performance.now()
    const messages: string[] = []
    let more = false
    // A message's id is its index and one: the first of this stream beyond `after`, and then each of it.
    for (
      let index = after + ((((stream - after) % this.#streams) + this.#streams) % this.#streams);
      ;
      index += this.#streams
    ) {
      const message = this.#messages[index]
      if (message === undefined) break
      more = messages.length === limit
      if (more) break
      messages.push(message)
    }
    const newest = this.#newestId(stream)
    const page = `{"messages":[${messages.join(",")}],"has_more":${more},"cursor":${newest}}`
    this.#bytes += page.length
    return page
  }

  everybodyReady(): Promise<void> {
    return this.#until(() => this.connected.size === this.tabs)
  }

  ready(tab: number): Promise<void> {
    return this.#until(() => this.connected.has(tab))
  }

  empty(): Promise<void> {
    return this.#until(() => this.#listeners.size === 0)
  }

  /** Sends so many messages, as fast as sockets and slowest tab take them; resolves when every tab has reported. */
  async flood(count: number): Promise<Flood> {
    const first = this.#messages.length
    const finish = this.#watch(first)
    const began = performance.now()
    const sending = [...this.#listeners].map(listener => this.#send(listener, first, count))
    const flood = await finish(began)
    await Promise.all(sending)
    return flood
  }

  /** Sends so many messages, one every so many milliseconds, each with the time; resolves when every tab has reported. */
  async drip(count: number, every: number): Promise<Flood> {
    const first = this.#messages.length
    const finish = this.#watch(first)
    const began = performance.now()
    for (let index = first; index < first + count; index++) {
      await wait(Math.max(0, began + (index - first) * every - performance.now()))
      const text = this.#message(index, index === first + count - 1, { at: new Date(), sent: performance.now() })
      for (const { socket, identifier, index: stream } of this.#listeners) {
        if (index % this.#streams === stream)
          socket.send(`{"identifier":${JSON.stringify(identifier)},"message":${text}}`)
      }
    }
    return finish(began)
  }

  /**
   * Has so many messages that are never broadcast, as if they came while nobody was there, and cuts all cables meanwhile;
   * resolves when every tab has reported.
   *
   * @param meanwhile what keeps the tabs away; by then the server accepts them again
   */
  async outage(count: number, meanwhile: () => Promise<void>): Promise<Flood & { sinceAsked: number }> {
    const first = this.#messages.length
    const finish = this.#watch(first)
    const end = first + count
    const now = Date.now()
    for (let index = first; index < end; index++) {
      this.#message(index, index === end - 1, { at: new Date(now - LONG_AGO_MS - end + index) })
    }
    this.#askedAt = null
    for (const { socket } of this.#listeners) socket.terminate()
    await meanwhile()
    const accepted = performance.now()
    const flood = await finish(accepted)
    return { ...flood, sinceAsked: flood.ms - ((this.#askedAt ?? NaN) - accepted) }
  }

  /** @returns what resolves when all tabs have reported what was sent since */
  #watch(first: number): (began: number) => Promise<Flood> {
    this.#reports.clear()
    const { length } = this.#messages
    const [requests, bytes] = [this.#requests, this.#bytes]
    this.#progress.clear()
    const tabs = Array.from({ length: this.tabs }, (_, tab) => tab).filter(tab => !this.#frozen.has(tab))
    for (const tab of tabs) this.#progress.set(tab, first)
    return async began => {
      await this.#until(() => this.#reports.size === tabs.length)
      const reports = [...this.#reports.values()]
      const ms = performance.now() - began - Math.min(...reports.map(({ late }) => late))
      const sent = this.#messages.length - length
      return { sent, ms, reports, requests: this.#requests - requests, bytes: this.#bytes - bytes }
    }
  }

  async #send({ socket, stream, identifier, index }: Listener, first: number, count: number): Promise<void> {
    const head = `{"identifier":${JSON.stringify(identifier)},"message":`
    const end = first + count
    for (let next = first; next < end;) {
      stream.cork()
      for (const stop = Math.min(end, next + BLOCK); next < stop; next++) {
        const message = this.#message(next, next === end - 1, { at: new Date() })
        if (next % this.#streams === index) socket.send(`${head}${message}}`)
      }
      stream.uncork()
      if (stream.writableNeedDrain) await once(stream, "drain")
      else await yieldToOthers()
      if (!this.#isWithinWindow(next)) await this.#until(() => this.#isWithinWindow(next))
    }
  }

  #isWithinWindow(next: number): boolean {
    return next + Math.min(BLOCK, this.#window / 2) <= Math.min(...this.#progress.values()) + this.#window
  }

  /** Created when the first socket gets to it. */
  #message(index: number, isLast: boolean, options: Omit<MessageOptions, "type" | "bytes">): string {
    return (this.#messages[index] ??= messageText(index + 1, {
      ...options,
      type: isLast ? "end" : "message",
      bytes: this.#messageBytes,
    }))
  }

  #newestId(stream: number): number | null {
    for (let index = this.#messages.length - 1; index >= 0; index--)
      if (index % this.#streams === stream) return index + 1
    return null
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
    return `${this.id} has got stuck: of ${this.tabs} tabs, ${this.connected.size} ready, ${this.#reports.size} done; ${
      this.#messages.length
    } messages sent; tabs have come to ${progress}; ${this.#listeners.size} subscriptions.`
  }
}
