// The cable's end at the server, as Rails behaves: ActionCable v1 over WebSocket.

import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"

import { WebSocketServer, type RawData, type WebSocket } from "ws"

import { join, type House } from "./channels.ts"
import type { Origins } from "./origins.ts"
import { Socket } from "./socket.ts"
import type { Stats } from "./stats.ts"
import type { Timers } from "./timers.ts"

/** ActionCable::Server::Connections::BEAT_INTERVAL. One beat for all sockets, so the first comes 0 to 3 s after a welcome. */
const BEAT_INTERVAL_MS = 3_000
const PROTOCOLS = ["actioncable-v1-json", "actioncable-unsupported"]
const PATH = "/cable"
const MAX_COMMAND_BYTES = 1_048_576

export class Cable {
  readonly #house: House
  readonly #stats: Stats
  readonly #timers: Timers
  readonly #origins: Origins
  readonly #sockets = new Set<Socket>()
  readonly #beat: NodeJS.Timeout
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_COMMAND_BYTES,
    handleProtocols: offered => PROTOCOLS.find(protocol => offered.has(protocol)) ?? false,
  })

  constructor(http: Server, house: House, stats: Stats, timers: Timers, origins: Origins) {
    this.#house = house
    this.#stats = stats
    this.#timers = timers
    this.#origins = origins
    this.#beat = setInterval(() => this.#ping(), BEAT_INTERVAL_MS)
    http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get open(): number {
    return this.#sockets.size
  }

  /** @returns how many subscriptions it goes to, now or, when reordering, a moment later */
  broadcast(stream: string, message: unknown): number {
    const json = JSON.stringify(message)
    const late = Math.random() * this.#house.faults.reorder
    let reached = 0
    this.#timers.after(late, () => {
      for (const socket of this.#sockets) reached += socket.broadcast(stream, json)
    })
    return reached
  }

  /** As `broadcast`, to whom an identifier listens. */
  broadcastTo(identifier: string, message: unknown): number {
    const joining = join(identifier, this.#house)
    return joining.type === "joined" ? this.broadcast(joining.stream, message) : 0
  }

  raw(text: string): void {
    for (const socket of this.#sockets) socket.send(text)
  }

  disconnect(reason: string, reconnect: boolean): void {
    this.raw(JSON.stringify({ type: "disconnect", reason, reconnect }))
    this.kick()
  }

  kick(): void {
    for (const socket of this.#sockets) socket.close()
  }

  drop(): number {
    const open = this.open
    for (const socket of this.#sockets) socket.cut()
    return open
  }

  stop(): void {
    clearInterval(this.#beat)
    this.drop()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#house.faults.offline) return void socket.destroy()
    const path = new URL(request.url ?? "/", "http://localhost").pathname
    const welcome = path === PATH && this.#origins.allows(request.headers.origin)
    if (!welcome || this.#house.faults.strikes("refuseUpgrade")) {
      this.#stats.refused += 1
      socket.on("error", () => socket.destroy())
      socket.end(
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 14\r\nConnection: close\r\n\r\nPage not found",
      )
      return
    }
    this.#server.handleUpgrade(request, socket, head, opened => this.#welcome(opened))
  }

  #welcome(opened: WebSocket): void {
    this.#stats.opened += 1
    const socket = new Socket(this.#stats.opened, opened, this.#house, this.#stats, this.#timers)
    this.#sockets.add(socket)
    opened.on("close", () => this.#sockets.delete(socket))
    opened.on("error", () => opened.terminate())
    if (this.#house.faults.strikes("unauthorized")) {
      socket.send(JSON.stringify({ type: "disconnect", reason: "unauthorized", reconnect: false }))
      return socket.close()
    }
    opened.on("message", (data, isBinary) => {
      if (!isBinary) socket.receive(text(data))
    })
    socket.send(JSON.stringify({ type: "welcome" }))
  }

  #ping(): void {
    this.raw(JSON.stringify({ type: "ping", message: Math.floor(Date.now() / 1_000) }))
  }
}

function text(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.from(data as Buffer).toString()
}
