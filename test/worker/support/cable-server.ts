// A WebSocket server on a free port that shows everything and does nothing by itself.

import { once } from "node:events"
import { createServer, type Server, type Socket } from "node:net"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { WebSocketServer, type WebSocket } from "ws"

export type Serving = {
  url: string
  /** The next socket that was accepted, with the path and the protocols that it asked for. */
  accepted(): Promise<{ socket: WebSocket; path: string; offered: string[] }>
}

/** @param protocol what the server picks; `false` for none */
export async function serveCable(protocol: string | false = "actioncable-v1-json"): Promise<Serving> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => protocol })
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const accepted = async () => {
    const [socket, request] = (await once(server, "connection")) as [WebSocket, { url: string; headers: object }]
    const offered = (request.headers as Record<string, string>)["sec-websocket-protocol"] ?? ""
    return { socket, path: request.url, offered: offered.split(/, */) }
  }
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/cable`, accepted }
}

/** A server that accepts the connection and never answers the handshake. */
export async function serveNothing(): Promise<{ url: string; server: Server; connected: Promise<Socket> }> {
  const server = createServer()
  const connected = once(server, "connection").then(([socket]) => socket as Socket)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(async () => {
    server.close()
    connected.then(socket => socket.destroy()).catch(() => {})
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/cable`, server, connected }
}
