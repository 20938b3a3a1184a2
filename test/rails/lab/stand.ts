// Real Rails under the controls of the embedded server, as far as the sentences of test/conformance and test/browser use them.

import { setTimeout as wait } from "node:timers/promises"

import { Controlled, type Saying } from "../../browser/lab/controlled.ts"
import type { Producer } from "../../browser/lab/producer.ts"
import { Cluster } from "./cluster.ts"

const LOOK_MS = 25

export class RailsStand extends Controlled {
  readonly port: number
  /** Of one process: what it heard, it alone knows. */
  readonly #cluster: Cluster
  readonly #stop: () => Promise<void>

  private constructor(cluster: Cluster, port: number, stop: () => Promise<void>) {
    super()
    this.#cluster = cluster
    this.port = port
    this.#stop = stop
  }

  static async start(site: string): Promise<RailsStand> {
    const cluster = await Cluster.start({ adapter: "redis", nodes: 1, site })
    return new RailsStand(cluster, cluster.port, () => cluster.stop())
  }

  /** As if a cluster were new, which others have used: another origin, an empty database, and nothing heard. */
  static async on(cluster: Cluster, site: string): Promise<RailsStand> {
    await cluster.revive()
    const { port, close } = await cluster.front(site)
    const stand = new RailsStand(cluster, port, close)
    while ((await cluster.sockets()).length > 0) await wait(LOOK_MS) // of those before
    await cluster.fault("blank")
    await cluster.allow(stand.origin)
    return stand
  }

  async kill(): Promise<void> {
    for (const { service } of this.#cluster.nodes) await service.kill()
  }

  async restart(): Promise<void> {
    await this.#cluster.revive()
    await this.#cluster.allow(this.origin)
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  say(count: number, { conversation = "c1", broadcast = true, body = "hello" }: Saying = {}): Promise<number[]> {
    return this.#cluster.say(conversation, count, broadcast ? { body } : { body, broadcast: "never" })
  }

  produce({ count, every, conversation = "c1" }: { count: number; every: number; conversation?: string }): Producer {
    return this.#cluster.produce({ conversation, count, every })
  }
}
