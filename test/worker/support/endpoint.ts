// A catch-up endpoint that answers what it is told to, over real HTTP on a free port.

import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

export type Asked = { path: string; params: Record<string, string>; headers: IncomingMessage["headers"] }
export type Respond = (response: ServerResponse) => void

export class Endpoint {
  url = ""
  readonly asked: Asked[] = []
  /** What the next requests get; the last one stays. */
  respond: Respond = json({ messages: [] })
  readonly #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost")
    this.asked.push({ path: pathname, params: Object.fromEntries(searchParams), headers: request.headers })
    this.respond(response)
    this.#arrived()
  })
  #arrived = (): void => {}

  static async start(): Promise<Endpoint> {
    const endpoint = new Endpoint()
    endpoint.#server.listen(0, "127.0.0.1")
    await once(endpoint.#server, "listening")
    endpoint.url = `http://127.0.0.1:${(endpoint.#server.address() as AddressInfo).port}`
    onTestFinished(() => endpoint.stop())
    return endpoint
  }

  /** The next request has arrived. */
  arrived(): Promise<void> {
    return new Promise(resolve => (this.#arrived = resolve))
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, "close")
  }
}

export function json(body: unknown, status = 200): Respond {
  return text(JSON.stringify(body), status)
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Respond {
  return response => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body)
}

export function status(code: number, headers: Record<string, string> = {}): Respond {
  return text('{"error":"no"}', code, headers)
}
