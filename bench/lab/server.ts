// Where the tabs come from and where they report. Pages, scripts, cable and catch-up endpoint are on one port, which can
// be closed as by a crash; what tabs say of themselves comes to another one.

import { readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { join } from "node:path"
import { WebSocketServer } from "ws"
import type { Room } from "./room.ts"

const PROTOCOL = "actioncable-v1-json"

export class BenchServer {
  readonly #assets: string
  readonly #rooms = new Map<string, Room>()
  readonly #http: Server
  readonly #desk = createServer()
  #port = 0
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
    this.#http.on(
      "upgrade",
      this.#upgrade(({ room, request, stream, head }) => {
        this.#sockets.handleUpgrade(request, stream, head, socket => room.welcome(socket, stream))
      }),
    )
    this.#desk.on(
      "upgrade",
      this.#upgrade(({ room, request, stream, head, tab }) => {
        this.#sockets.handleUpgrade(request, stream, head, socket => room.seat(tab, socket))
      }),
    )
  }

  /** @param assets folder of the bundled pages and workers */
  static async start(assets: string): Promise<BenchServer> {
    const server = new BenchServer(assets)
    await Promise.all([listen(server.#http, 0), listen(server.#desk, 0)])
    server.#port = portOf(server.#http)
    return server
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Where tabs report. */
  get desk(): string {
    return `ws://127.0.0.1:${portOf(this.#desk)}`
  }

  open(room: Room): void {
    this.#rooms.set(room.id, room)
  }

  close(room: Room): void {
    this.#rooms.delete(room.id)
  }

  /** As a crash: connections are cut, and nobody listens until the returned function is called. */
  kill(): () => Promise<void> {
    this.#http.close()
    this.#http.closeAllConnections()
    return () => listen(this.#http, this.#port)
  }

  stop(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    for (const server of [this.#http, this.#desk]) {
      server.close()
      server.closeAllConnections()
    }
  }

  #upgrade(accept: (visit: Visit) => void): (request: IncomingMessage, stream: Duplex, head: Buffer) => void {
    return (request, stream, head) => {
      const { searchParams } = new URL(request.url ?? "/", this.origin)
      const room = this.#rooms.get(searchParams.get("room") ?? "")
      if (room) accept({ room, request, stream, head, tab: Number(searchParams.get("tab")) })
      else stream.destroy()
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin)
    const [, kind = "", name = "", deed = "", stream = ""] = pathname.split("/")
    if (kind === "pages") return reply(response, "text/html", pageHtml(name))
    if (kind === "assets") return reply(response, "text/javascript", await readFile(join(this.#assets, name), "utf8"))
    const room = kind === "rooms" && deed === "streams" ? this.#rooms.get(name) : undefined
    if (room) {
      const page = room.page(Number(stream), Number(searchParams.get("after_id")), Number(searchParams.get("limit")))
      return reply(response, "application/json", page)
    }
    response.writeHead(404).end()
  }
}

type Visit = { room: Room; request: IncomingMessage; stream: Duplex; head: Buffer; tab: number }

function listen(server: Server, port: number): Promise<void> {
  return new Promise(resolve => server.listen(port, "127.0.0.1", resolve))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function pageHtml(name: string): string {
  return `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/assets/${name}.js"></script>`
}

function reply(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" }).end(body)
}
