// A stretch of network between browser and server, which can go dead without a word: what was connected stays connected,
// and nothing passes any more. What connects later passes.

import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net"

export class Relay {
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()

  private constructor(listener: Server) {
    this.#listener = listener
  }

  /** @param target the port on this machine to which it leads */
  static async start(target: number): Promise<Relay> {
    const listener = createServer()
    const relay = new Relay(listener)
    listener.on("connection", near => relay.#join(near, connect(target, "127.0.0.1")))
    listener.listen(0, "127.0.0.1")
    await once(listener, "listening")
    return relay
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  goDead(): void {
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  stop(): void {
    this.#listener.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on("error", () => to.destroy())
      from.pipe(to)
    }
  }
}
