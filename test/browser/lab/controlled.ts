// A server that tests steer, and ask what it saw: the embedded one (server.ts), or real Rails (test/rails/lab/stand.ts).

import { setTimeout as wait } from "node:timers/promises"

import type { Control, ControlAnswer } from "../../../demo/server/faults.ts"
import type { Report } from "../../../demo/server/stats.ts"
import type { Producer } from "./producer.ts"

const PATIENCE_MS = 15_000
const LOOK_MS = 25

export type Saying = {
  conversation?: string
  /** `false`: persisted, and nobody is told. */
  broadcast?: boolean
  body?: string
}

export abstract class Controlled {
  abstract readonly port: number

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** As a crash: sockets are cut, nothing is said. */
  abstract kill(): Promise<void>

  /** Again on the same port and database. Its stats begin anew. */
  abstract restart(): Promise<void>

  /** For good. */
  abstract stop(): Promise<void>

  /**
   * Persists messages, and broadcasts them unless told otherwise.
   *
   * @returns their ids
   */
  abstract say(count: number, saying?: Saying): Promise<number[]>

  /** A second process that writes into the same database and broadcasts nothing. */
  abstract produce(options: { count: number; every: number; conversation?: string }): Producer

  async control(orders: Control): Promise<ControlAnswer> {
    const response = await fetch(`${this.origin}/_control`, { method: "POST", body: JSON.stringify(orders) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as ControlAnswer
  }

  async stats(): Promise<Report> {
    const response = await fetch(`${this.origin}/_control/stats`)
    return (await response.json()) as Report
  }

  /** Waits until something is true of what the server saw; it has to be asked, over HTTP. */
  async until(done: (report: Report) => boolean): Promise<Report> {
    const end = Date.now() + PATIENCE_MS
    for (;;) {
      const report = await this.stats()
      if (done(report)) return report
      if (Date.now() > end) throw new Error(`Not within ${PATIENCE_MS} ms: ${String(done)}\n${JSON.stringify(report)}`)
      await wait(LOOK_MS)
    }
  }

  /** Says something again and again until the returned function is called; that one returns all ids. */
  chatter(every: number): () => Promise<number[]> {
    const ids: number[] = []
    const stop = new AbortController()
    const talk = async (): Promise<number[]> => {
      while (!stop.signal.aborted) {
        ids.push(...(await this.say(1)))
        await wait(every)
      }
      return ids
    }
    const talking = talk()
    talking.catch(() => {}) // told to whoever stops it
    return () => {
      stop.abort()
      return talking
    }
  }
}
