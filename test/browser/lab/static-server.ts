// Files from memory, each with the headers that a test wants: a customer's site, or a CDN.

import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"

export type File = { body: string; headers?: Readonly<Record<string, string>> }

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", mjs: "text/javascript" }

export class StaticServer {
  readonly #server: Server
  readonly port: number

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** @param find the file of a path, without its slash */
  static async start(find: (path: string) => File | undefined): Promise<StaticServer> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1)
      const file = find(path)
      const type = TYPES[path.split(".").at(-1) ?? ""] ?? "text/plain"
      if (file) response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-cache", ...file.headers })
      else response.writeHead(404)
      response.end(file?.body)
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return new StaticServer(server)
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, "close")
  }
}
