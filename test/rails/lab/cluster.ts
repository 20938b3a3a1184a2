// A site as it runs in production, on this machine: nginx, Pumas with the Rails application, PostgreSQL, Redis.

import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import type { Producer } from "../../browser/lab/producer.ts"
import { accessLog, startNginx } from "./nginx.ts"
import { freePort } from "./ports.ts"
import { Postgres } from "./postgres.ts"
import { prepareDatabase, startNode, type Adapter, type RailsNode, type RailsOptions } from "./puma.ts"
import { Service } from "./service.ts"

export type ClusterOptions = {
  adapter: Adapter
  /** How many Pumas. Default 2. */
  nodes?: number
  /** The folder whose files nginx serves beside the application. */
  site: string
}

type Parts = {
  port: number
  nodes: RailsNode[]
  redis: Service
  postgres: Postgres
  nginx: Service
  directory: string
}

/** Values become a form's fields. */
export type Fields = Readonly<Record<string, string | number>>

export class Cluster {
  readonly port: number
  readonly nodes: readonly RailsNode[]
  readonly redis: Service
  readonly accessLog: string
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.port = parts.port
    this.nodes = parts.nodes
    this.redis = parts.redis
    this.accessLog = accessLog(parts.directory, parts.port)
    this.#parts = parts
  }

  get origin(): string {
    return originAt(this.port)
  }

  static async start({ adapter, nodes = 2, site }: ClusterOptions): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), "trunkline-rails-"))
    chmodSync(directory, 0o755) // PostgreSQL runs under another account
    const port = await freePort()
    const [postgres, redis] = await Promise.all([Postgres.start(directory), startRedis(directory)])
    const rails: RailsOptions = { adapter, databaseURL: postgres.url, redisURL: redis.url, origin: originAt(port) }
    prepareDatabase(rails)
    const started = await Promise.all(Array.from({ length: nodes }, (_, n) => startNode(`node-${n + 1}`, rails)))
    const nginx = await startNginx({ directory, port, nodes: started.map(node => node.port), site })
    return new Cluster({ port, nodes: started, redis: redis.service, postgres, nginx, directory })
  }

  /** One more nginx, at an origin where no browser has been. */
  async front(site: string): Promise<{ port: number; close: () => Promise<void> }> {
    const port = await freePort()
    const nodes = this.nodes.map(node => node.port)
    const nginx = await startNginx({ directory: this.#parts.directory, port, nodes, site })
    return { port, close: () => nginx.kill() }
  }

  /** The origin, of the fronts' and of pages elsewhere, that may open a cable. */
  async allow(origin: string): Promise<void> {
    for (const node of this.nodes) await this.fault("origins", { "origins[]": origin }, node)
  }

  /** @param node which one is to misbehave, where it matters */
  async fault<Answer>(name: string, fields: Fields = {}, node = this.#someNode()): Promise<Answer> {
    return (await post(`http://127.0.0.1:${node.port}/faults/${name}`, fields)) as Answer
  }

  /** @returns the ids of the messages, once they are committed and the broker has them */
  say(conversation: string, count = 1, fields: Fields = {}): Promise<number[]> {
    return this.fault("persist", { conversation, count, ...fields })
  }

  /** The same rows without any Rails: a second process, which tells nobody. */
  produce(options: { conversation: string; count: number; every: number }): Producer {
    return this.#parts.postgres.produce(options)
  }

  /** PostgreSQL's end of the connections on which Action Cable listens goes away. */
  deafen(): Promise<void> {
    return this.#parts.postgres.cutListeners()
  }

  /** The ids of all messages that there are. */
  ids(conversation: string): Promise<number[]> {
    return this.fault("ids", { conversation })
  }

  /** Every socket, with its identifiers and the node that it leads to. */
  async sockets(): Promise<{ node: RailsNode; identifiers: readonly string[] }[]> {
    const running = this.nodes.filter(({ service }) => service.isRunning)
    const asked = running.map(async node => {
      const sockets = await this.fault<string[][]>("sockets", {}, node)
      return sockets.map(identifiers => ({ node, identifiers }))
    })
    return (await Promise.all(asked)).flat()
  }

  /** For each socket that has this conversation, the node that it leads to. */
  async serving(conversation: string): Promise<RailsNode[]> {
    const sockets = await this.sockets()
    return sockets
      .filter(({ identifiers }) => identifiers.some(identifier => identifier.includes(`"${conversation}"`)))
      .map(({ node }) => node)
  }

  /** The nodes that listen to the broker. Rails 6.1 does not survive its loss: they end with it. */
  async listening(): Promise<RailsNode[]> {
    const asked = await Promise.all(this.nodes.map(node => this.fault<boolean>("listens", {}, node)))
    return this.nodes.filter((_, n) => asked[n])
  }

  /** Starts what has died, as whoever supervises the processes in production does. */
  async revive(): Promise<void> {
    const dead = [...this.nodes.map(({ service }) => service), this.redis].filter(service => !service.isRunning)
    await Promise.all(dead.map(service => service.start()))
  }

  async stop(): Promise<void> {
    const { nginx, nodes, redis, postgres, directory } = this.#parts
    await Promise.all([nginx, redis, ...nodes.map(({ service }) => service)].map(service => service.kill()))
    await postgres.service.kill("SIGQUIT") // at once, and its other processes too
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  #someNode(): RailsNode {
    const node = this.nodes.find(({ service }) => service.isRunning)
    if (!node) throw new Error("No node is running")
    return node
  }
}

/** @returns the answer's JSON, `null` if it has none */
export async function post(url: string, fields: Fields): Promise<unknown> {
  const body = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const response = await fetch(url, { method: "POST", body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`)
  return text === "" ? null : JSON.parse(text)
}

export function originAt(port: number): string {
  return `http://127.0.0.1:${port}`
}

async function startRedis(directory: string): Promise<{ service: Service; url: string }> {
  const port = await freePort()
  const service = await Service.start({
    command: "redis-server",
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory],
    ready: /Ready to accept connections/,
  })
  return { service, url: `redis://127.0.0.1:${port}` }
}
