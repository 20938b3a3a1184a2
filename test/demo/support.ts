// What these tests speak to the server with: a plain WebSocket that keeps every frame, and fetch.

import { mkdtempSync, rmSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { onTestFinished } from "vitest"
import { WebSocket } from "ws"

import { startServer, type RunningServer, type ServerOptions } from "../../demo/server.ts"

export type Frame = { type?: string; identifier?: string; message?: unknown; reason?: string; reconnect?: boolean }

/** A file name that is gone, with its neighbours, when the test is over. */
export function temporaryDatabase(): string {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, "chat.sqlite")
}

export async function serve(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ database: temporaryDatabase(), ...options })
  onTestFinished(() => server.stop())
  return server
}

export function webchat(params: Record<string, unknown> = {}): string {
  return JSON.stringify({ channel: "WebchatChannel", id: 42, session: "s1", conversation: "c1", ...params })
}

export class Client {
  readonly socket: WebSocket
  readonly closed: Promise<number>
  readonly #frames: Frame[] = []
  #heard = (): void => {}

  constructor(server: { port: number }, protocols: string[] = ["actioncable-v1-json"], origin?: string) {
    this.socket = new WebSocket(
      `ws://127.0.0.1:${server.port}/cable`,
      protocols,
      origin === undefined ? {} : { origin },
    )
    this.closed = once(this.socket, "close").then(([code]) => code as number)
    this.closed.catch(() => {})
    this.socket.on("message", data => {
      const text = Buffer.from(data as Buffer).toString()
      this.#frames.push(text.startsWith("{") ? (JSON.parse(text) as Frame) : { type: text })
      this.#heard()
    })
  }

  /** Connected, with the welcome taken. */
  static async open(server: { port: number }): Promise<Client> {
    const client = new Client(server)
    onTestFinished(() => client.socket.terminate())
    await client.frame("welcome")
    return client
  }

  /** The next frame; pings are passed over unless asked for. */
  async next(ofType?: string): Promise<Frame> {
    for (;;) {
      const at = this.#frames.findIndex(({ type }) => (ofType === undefined ? type !== "ping" : type === ofType))
      const [frame] = at < 0 ? [] : this.#frames.splice(at, 1)
      if (frame) return frame
      await new Promise<void>(resolve => (this.#heard = resolve))
    }
  }

  frame(type: string): Promise<Frame> {
    return this.next(type)
  }

  send(command: string, identifier: string, data?: Record<string, unknown>): void {
    this.socket.send(JSON.stringify({ command, identifier, ...(data ? { data: JSON.stringify(data) } : {}) }))
  }

  async subscribe(identifier: string): Promise<void> {
    this.send("subscribe", identifier)
    await this.frame("confirm_subscription")
  }

  /**
   * Every frame that the server sent in answer to what was sent before: commands of one socket are taken in order, so
   * the confirmation of one more subscription is behind them.
   */
  async settled(): Promise<Frame[]> {
    const identifier = JSON.stringify({ channel: "EchoChannel", marker: crypto.randomUUID() })
    this.send("subscribe", identifier)
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      if (frame.type === "confirm_subscription" && frame.identifier === identifier) return frames
      frames.push(frame)
    }
  }
}

export type Answer = { status: number; headers: Headers; body: any } // eslint-disable-line typescript/no-explicit-any

export async function ask(server: RunningServer, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(server.url + path, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text }
}

export function catchUp(server: RunningServer, params: Record<string, string | number> = {}): Promise<Answer> {
  const query = new URLSearchParams({ session: "s1", conversation: "c1" })
  for (const [name, value] of Object.entries(params)) query.set(name, String(value))
  return ask(server, `/webchats/42/messages?${query}`)
}

export function post(server: RunningServer, message: Record<string, unknown> = {}): Promise<Answer> {
  const body = { session: "s1", conversation: "c1", author: "visitor", body: "hello", ...message }
  const headers = { "Content-Type": "application/json" }
  return ask(server, "/webchats/42/messages", { method: "POST", headers, body: JSON.stringify(body) })
}
