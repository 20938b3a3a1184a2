// Real Rails under the controls of the embedded server, as far as test/conformance uses them.

import { setTimeout as wait } from "node:timers/promises"

import type { Control, ControlAnswer } from "../../../demo/server/faults.ts"
import type { Report } from "../../../demo/server/stats.ts"
import type { Stand } from "../../conformance/conform.ts"
import { Cluster } from "./cluster.ts"

const PATIENCE_MS = 15_000
const LOOK_MS = 25

/** One process: what it heard, it alone knows. */
export class RailsStand implements Stand {
  readonly #cluster: Cluster

  private constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  static async start(site: string): Promise<RailsStand> {
    return new RailsStand(await Cluster.start({ adapter: "redis", nodes: 1, site }))
  }

  get origin(): string {
    return this.#cluster.origin
  }

  async control(orders: Control): Promise<ControlAnswer> {
    const response = await fetch(`${this.origin}/_control`, { method: "POST", body: JSON.stringify(orders) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as ControlAnswer
  }

  async until(done: (report: Report) => boolean): Promise<Report> {
    const end = Date.now() + PATIENCE_MS
    for (;;) {
      const report = (await (await fetch(`${this.origin}/_control/stats`)).json()) as Report
      if (done(report)) return report
      if (Date.now() > end) throw new Error(`Not within ${PATIENCE_MS} ms: ${String(done)}\n${JSON.stringify(report)}`)
      await wait(LOOK_MS)
    }
  }

  stop(): Promise<void> {
    return this.#cluster.stop()
  }
}
