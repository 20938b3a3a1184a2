// Where the tabs come from and where they report: pages, scripts, the cable, and the catch-up endpoint, each of one room.

import { readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { WebSocketServer, type WebSocket } from "ws"
import { Room } from "./room.ts"
import type { Word } from "./word.ts"

const PROTOCOL = "actioncable-v1-json"

export class BenchServer {
  readonly #assets: string
  readonly #rooms = new Map<string, Room>()
  readonly #http: Server
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
  })

  private constructor(assets: string) {
    this.#assets = assets
    this.#http = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    })
    this.#http.on("upgrade", (request, stream, head) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", this.origin)
      const room = this.#rooms.get(searchParams.get("room") ?? "")
      if (!room) return void stream.destroy()
      this.#sockets.handleUpgrade(request, stream, head, socket => {
        if (pathname === "/cable") room.welcome(socket, stream)
        else listen(socket, word => room.hear(Number(searchParams.get("tab")), word))
      })
    })
  }

  /** @param assets folder of the bundled pages and workers */
  static async start(assets: string): Promise<BenchServer> {
    const server = new BenchServer(assets)
    await new Promise<void>(resolve => server.#http.listen(0, "127.0.0.1", resolve))
    return server
  }

  get origin(): string {
    const { port } = this.#http.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  open(room: Room): void {
    this.#rooms.set(room.id, room)
  }

  close(room: Room): void {
    this.#rooms.delete(room.id)
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin)
    const [, kind = "", name = "", deed = ""] = pathname.split("/")
    if (kind === "pages") return reply(response, "text/html", pageHtml(name))
    if (kind === "assets") return reply(response, "text/javascript", await readFile(join(this.#assets, name), "utf8"))
    const room = kind === "rooms" && deed === "messages" ? this.#rooms.get(name) : undefined
    if (room) {
      const page = room.page(Number(searchParams.get("after_id")), Number(searchParams.get("limit")))
      return reply(response, "application/json", page)
    }
    response.writeHead(404).end()
  }
}

function listen(socket: WebSocket, hear: (word: Word) => void): void {
  socket.on("message", (data: Buffer) => hear(JSON.parse(data.toString()) as Word))
}

function pageHtml(name: string): string {
  return `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/assets/${name}.js"></script>`
}

function reply(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" }).end(body)
}
