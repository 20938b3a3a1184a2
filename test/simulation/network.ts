// Sockets between the browser and the server: in order, late, cut, or silently dead.

import type { World } from "./world.ts"

/** What the hub's end of a socket hears. */
export interface SocketEvents {
  frame(text: string): void
  closed(): void
}

/** What listens at the other end. */
export interface Accepts {
  accept(socket: Socket): void
  command(socket: Socket, text: string): void
  hungUp(socket: Socket): void
}

export class Network {
  /** One way, milliseconds. */
  latency = 5
  /** Until then nothing gets through, and whoever tries is told. */
  downUntil = 0
  /** Until then sockets are refused, while HTTP works. */
  refusedUntil = 0
  /** Until then nothing gets through, and nobody is told. */
  silentUntil = 0
  /** Until then everything waits. */
  stalledUntil = 0
  readonly sockets = new Set<Socket>()
  readonly world: World
  server: Accepts | null = null

  constructor(world: World) {
    this.world = world
  }

  get isDown(): boolean {
    return this.world.now < this.downUntil
  }

  get isSilent(): boolean {
    return this.world.now < this.silentUntil
  }

  /** How long something that leaves now is under way. */
  delay(): number {
    const { world } = this
    return Math.max(this.latency * (0.5 + world.random()), this.stalledUntil - world.now)
  }

  dial(events: SocketEvents): Socket {
    const socket = new Socket(this, events)
    this.sockets.add(socket)
    if (this.isSilent) return socket
    if (this.isDown || this.world.now < this.refusedUntil) {
      this.world.after(this.world.between(1, 20), () => socket.closeByServer())
      return socket
    }
    this.world.after(2 * this.delay(), () => {
      if (!socket.isOver) this.server?.accept(socket)
    })
    return socket
  }

  cut(ms: number): void {
    this.downUntil = Math.max(this.downUntil, this.world.now + ms)
    for (const socket of this.sockets) socket.break()
  }

  /** Every socket there is goes dead, without a word to either end. */
  halfOpen(ms: number): void {
    this.silentUntil = Math.max(this.silentUntil, this.world.now + ms)
    for (const socket of this.sockets) socket.isMute = true
  }

  heal(): void {
    this.downUntil = this.refusedUntil = this.silentUntil = this.stalledUntil = 0
  }
}

export class Socket {
  /** The hub's end is closed: it hears nothing more. */
  isOver = false
  isMute = false
  /** The server process at the other end. */
  node = -1
  /** Identifiers that the server has registered, and those that its broker really delivers. */
  readonly registered = new Set<string>()
  readonly streaming = new Set<string>()
  #up = 0
  #down = 0
  readonly #network: Network
  readonly #events: SocketEvents

  constructor(network: Network, events: SocketEvents) {
    this.#network = network
    this.#events = events
  }

  /** From the hub. */
  send(text: string): void {
    if (this.isOver || this.isMute) return
    const { world, server } = this.#network
    this.#up = Math.max(this.#up, world.now + this.#network.delay())
    world.after(this.#up - world.now, () => {
      if (!this.isMute) server?.command(this, text)
    })
  }

  /** From the server. */
  push(text: string): void {
    if (this.isOver || this.isMute) return
    this.#downward(() => this.#events.frame(text))
  }

  /** The hub closes: it hears nothing more; the server hears of it later. */
  drop(): void {
    if (this.isOver) return
    this.isOver = true
    this.#network.sockets.delete(this)
    if (this.isMute) return
    this.#network.world.after(this.#network.delay(), () => this.#network.server?.hungUp(this))
  }

  /** After what it has sent. */
  closeByServer(): void {
    this.#downward(() => this.#end())
  }

  /** Something between them closes it; what is under way is lost. */
  break(): void {
    this.isMute = true
    this.#network.server?.hungUp(this)
    this.#network.world.after(this.#network.world.between(0, 5), () => this.#end())
  }

  #downward(run: () => void): void {
    const { world } = this.#network
    this.#down = Math.max(this.#down, world.now + this.#network.delay())
    world.after(this.#down - world.now, () => {
      if (!this.isOver && !this.isMute) run()
    })
  }

  #end(): void {
    if (this.isOver) return
    this.isOver = true
    this.#network.sockets.delete(this)
    this.#events.closed()
  }
}
