// The server, as wire.md measured it: transactions that commit late and out of id order, broadcasts that overtake each
// other or never happen, confirmations that come before the broker listens, commands that are run out of order and
// sometimes never answered. `Topic` is what it persisted: the truth that promises are judged by.

import type { World } from "./world.ts"
import type { Accepts, Network, Socket } from "./network.ts"

export const SERVER_EPOCH = 1_800_000_000_000

/** What kind of endpoint and ids a server has. */
export type ServerShape = {
  ids: "integer" | "uuid"
  /** Messages carry their time. */
  times: boolean
  /** Milliseconds before the asked id that the endpoint repeats. */
  overlap: number
  /** The endpoint says `has_more`. */
  hasMore: boolean
  /** The endpoint says `cursor`. */
  cursor: boolean
  /** The endpoint answers 410 for an id that it does not know; otherwise integer ids are simply compared. */
  strict: boolean
  /** Ephemeral messages have ids too, and only their type tells them apart. */
  only: boolean
}

export type Row = {
  id: string
  /** The column that `after_id` names: the server's order. */
  order: number
  /** World time of its creation; the message's time, if it carries one. */
  at: number
  visibleAt: number
  deletedAt: number
  message: unknown
  nonce: number
}

/** One stream as the database has it, in the server's order. */
export class Topic {
  readonly identifier: string
  readonly rows: Row[] = []
  readonly byId = new Map<string, Row>()

  constructor(identifier: string) {
    this.identifier = identifier
  }

  add(row: Row): void {
    let index = this.rows.length
    while (index > 0 && (this.rows[index - 1]?.order ?? 0) > row.order) index -= 1
    this.rows.splice(index, 0, row)
    this.byId.set(row.id, row)
  }

  /** What a request would find now. */
  visible(now: number): Row[] {
    return this.rows.filter(row => isVisible(row, now))
  }

  /** Rows beyond the first place, up to and including the second. */
  between(from: number, to: number): Row[] {
    return this.rows.slice(this.beyond(from), this.beyond(to))
  }

  /** The index of the first row beyond this place. */
  beyond(place: number): number {
    let least = 0
    let most = this.rows.length
    while (least < most) {
      const middle = (least + most) >> 1
      if ((this.rows[middle]?.order ?? Infinity) > place) most = middle
      else least = middle + 1
    }
    return least
  }
}

export function isVisible({ visibleAt, deletedAt }: Row, now: number): boolean {
  return visibleAt <= now && deletedAt > now
}

type Node = { up: boolean; brokerLostUntil: number }

/** Faults that hold until a time of the world. */
export type ServerFaults = {
  /** Confirmations run ahead of the broker by up to this much. */
  brokerLate: { until: number; by: number }
  /** Subscribes are registered and never answered. */
  unanswered: number
  rejecting: number
  reordering: number
  unauthorized: number
}

const BEAT_MS = 3_000

export class Server implements Accepts {
  readonly topics = new Map<string, Topic>()
  readonly nodes: Node[] = [
    { up: true, brokerLostUntil: 0 },
    { up: true, brokerLostUntil: 0 },
  ]
  readonly sockets = new Set<Socket>()
  readonly faults: ServerFaults = {
    brokerLate: { until: 0, by: 0 },
    unanswered: 0,
    rejecting: 0,
    reordering: 0,
    unauthorized: 0,
  }
  readonly shape: ServerShape
  readonly world: World
  readonly #network: Network
  #lastId = 0
  #nonces = 0

  constructor(world: World, network: Network, shape: ServerShape, identifiers: readonly string[]) {
    this.world = world
    this.#network = network
    this.shape = shape
    for (const identifier of identifiers) this.topics.set(identifier, new Topic(identifier))
    network.server = this
    for (const node of this.nodes.keys()) world.after(world.between(0, BEAT_MS), () => this.#beat(node))
  }

  // What it persists

  /**
   * A transaction inserts a row, commits after `commitAfter`, and broadcasts unless it is killed in between.
   *
   * @returns the row, not yet visible
   */
  persist(
    topic: Topic,
    { commitAfter, broadcast, size }: { commitAfter: number; broadcast: boolean; size: number },
  ): Row {
    const { world } = this
    this.#lastId += 1 + (world.chance(0.2) ? world.between(1, 4) : 0)
    this.#nonces += 1
    const integer = this.shape.ids === "integer"
    const id = integer ? this.#lastId : `${hex(world.random())}-${hex(world.random())}`
    const at = Math.floor(world.now)
    // As the primary key breaks ties: two rows in one place would hide each other from `after_id`.
    const order = integer ? this.#lastId : at + (Math.floor(world.random() * 65_536) + this.#lastId / 65_536) / 65_536
    const time = this.shape.times ? { created_at: SERVER_EPOCH + at } : {}
    const text = size > 0 ? { text: "x".repeat(size) } : {}
    const message = { type: "message", id, ...time, body: this.#nonces, ...text }
    const row: Row = {
      id: String(id),
      order,
      at,
      visibleAt: world.now + commitAfter,
      deletedAt: Infinity,
      message,
      nonce: this.#nonces,
    }
    topic.add(row)
    if (broadcast) world.after(commitAfter, () => this.#broadcast(topic.identifier, message))
    return row
  }

  /** Typing and the like: never persisted. */
  whisper(topic: Topic): void {
    this.#nonces += 1
    const id = this.shape.only ? { id: `typing ${this.#nonces}` } : {}
    this.#broadcast(topic.identifier, { type: "typing", ...id, typing: this.#nonces })
  }

  /** Frames that no cable should carry. */
  garble(n: number): void {
    const [identifier] = this.topics.keys()
    const unknown = JSON.stringify({ channel: "Nobody" })
    const frames = [
      "not JSON",
      "[]",
      "null",
      '{"type":"unheard of"}',
      '{"type":"confirm_subscription"}',
      JSON.stringify({ identifier: unknown, message: { id: 1 } }),
      JSON.stringify({ identifier: unknown, type: "confirm_subscription" }),
      JSON.stringify({ identifier: unknown, type: "reject_subscription" }),
      n % 50 ? "{" : JSON.stringify({ identifier, message: "x".repeat(1_048_577) }),
      JSON.stringify({ identifier: 7, message: { id: 1 } }),
    ]
    for (const socket of this.sockets) socket.push(frames[n % frames.length] ?? "")
  }

  /** Retention: all but the newest few are gone. */
  forget(topic: Topic, keep: number): void {
    const visible = topic.visible(this.world.now)
    for (const row of visible.slice(0, Math.max(0, visible.length - keep))) row.deletedAt = this.world.now
  }

  #broadcast(identifier: string, message: unknown): void {
    const { now } = this.world
    const listening = [...this.sockets].filter(({ streaming, node }) => {
      return streaming.has(identifier) && (this.nodes[node]?.brokerLostUntil ?? Infinity) <= now
    })
    if (listening.length === 0) return
    const text = `{"identifier":${JSON.stringify(identifier)},"message":${JSON.stringify(message)}}`
    for (const socket of listening) this.#pool(() => socket.push(text))
  }

  /** One of the thread pools between a broadcast, or a command, and its socket. */
  #pool(run: () => void): void {
    const { world } = this
    const isSlow = this.faults.reordering > world.now ? world.chance(0.5) : world.chance(0.03)
    if (isSlow) world.after(world.between(1, 250), run)
    else run()
  }

  // Sockets

  accept(socket: Socket): void {
    const { world } = this
    const up = [...this.nodes.keys()].filter(node => this.nodes[node]?.up)
    const node = world.pick(up)
    if (node === undefined) return socket.closeByServer()
    socket.node = node
    if (this.faults.unauthorized > world.now) {
      socket.push('{"type":"disconnect","reason":"unauthorized","reconnect":false}')
      return socket.closeByServer()
    }
    this.sockets.add(socket)
    socket.push('{"type":"welcome"}')
  }

  hungUp(socket: Socket): void {
    this.sockets.delete(socket)
    socket.streaming.clear()
  }

  command(socket: Socket, text: string): void {
    this.#pool(() => this.#run(socket, text))
  }

  #run(socket: Socket, text: string): void {
    if (!this.sockets.has(socket)) return
    const { command, identifier } = JSON.parse(text) as { command: string; identifier: string }
    if (command === "subscribe") this.#subscribe(socket, identifier)
    if (command === "unsubscribe") this.#unsubscribe(socket, identifier)
  }

  #subscribe(socket: Socket, identifier: string): void {
    const { world, faults } = this
    if (!this.topics.has(identifier) || socket.registered.has(identifier)) return
    if (faults.rejecting > world.now) {
      return socket.push(`{"identifier":${JSON.stringify(identifier)},"type":"reject_subscription"}`)
    }
    socket.registered.add(identifier)
    if (faults.unanswered > world.now) return
    const isLate = faults.brokerLate.until > world.now
    const stream = () => {
      if (socket.registered.has(identifier)) socket.streaming.add(identifier)
    }
    const lag = isLate ? world.between(0, faults.brokerLate.by) : world.between(0, 10)
    if (lag < 3) stream()
    else world.after(lag, stream)
    this.#pool(() => socket.push(`{"identifier":${JSON.stringify(identifier)},"type":"confirm_subscription"}`))
  }

  /** Never answered; what other threads are about to send still comes. */
  #unsubscribe(socket: Socket, identifier: string): void {
    socket.registered.delete(identifier)
    this.world.after(this.world.between(0, 50), () => {
      if (!socket.registered.has(identifier)) socket.streaming.delete(identifier)
    })
  }

  #beat(node: number): void {
    const seconds = Math.floor((SERVER_EPOCH + this.world.now) / 1_000)
    for (const socket of this.sockets) if (socket.node === node) socket.push(`{"type":"ping","message":${seconds}}`)
    this.world.after(BEAT_MS, () => this.#beat(node))
  }

  // Its processes

  /** A server process dies with its sockets and comes back later. */
  crash(node: number, ms: number): void {
    const process = this.nodes[node]
    if (!process) return
    process.up = false
    for (const socket of this.sockets) if (socket.node === node) socket.break()
    this.world.after(ms, () => {
      process.up = true
    })
  }

  /** `disconnect`, then the socket's end; or, as old versions do, the end alone. */
  kick(reason: { reconnect: boolean } | null): void {
    for (const socket of this.sockets) {
      if (reason) socket.push(`{"type":"disconnect","reason":"remote","reconnect":${reason.reconnect}}`)
      socket.closeByServer()
      this.hungUp(socket)
    }
  }

  heal(): void {
    this.#network.heal()
    for (const node of this.nodes) {
      node.up = true
      node.brokerLostUntil = 0
    }
    Object.assign(this.faults, {
      brokerLate: { until: 0, by: 0 },
      unanswered: 0,
      rejecting: 0,
      reordering: 0,
      unauthorized: 0,
    })
  }
}

function hex(fraction: number): string {
  return Math.floor(fraction * 4294967296).toString(16)
}
