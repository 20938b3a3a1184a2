// The embedded server as a process of its own, which can be killed and started again on the same port and database.

import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as wait } from "node:timers/promises"

import type { Control, ControlAnswer } from "../../../demo/server/faults.ts"
import type { Report } from "../../../demo/server/stats.ts"
import { Producer } from "./producer.ts"
import { runScript, type Script } from "./script.ts"
import { within } from "./within.ts"

const PATIENCE_MS = 15_000
/**
 * Below the ports that Linux gives to outgoing connections (32,768 and up): while the server is down, one of the browser's
 * attempts to reach it could otherwise come from that very port, and so connect to itself and keep the port.
 */
const PORTS = { first: 20_000, count: 12_000 }
const STARTS = 10

export class Server {
  readonly port: number
  readonly #site: string
  readonly #directory: string
  #process: Script

  private constructor(port: number, site: string, directory: string, process: Script) {
    this.port = port
    this.#site = site
    this.#directory = directory
    this.#process = process
  }

  /**
   * @param site the directory whose files it serves
   * @param guest an origin whose pages may use it too
   */
  static async start(site: string, guest?: string): Promise<Server> {
    const directory = mkdtempSync(join(tmpdir(), "trunkline-server-"))
    for (let attempt = 1; ; attempt++) {
      const port = PORTS.first + Math.floor(Math.random() * PORTS.count)
      const process = await startProcess(port, site, directory, guest)
      if (process) return new Server(port, site, directory, process)
      if (attempt === STARTS) throw new Error("The server does not start: see its output above")
    }
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** As a crash: sockets are cut, nothing is said. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, "exit")
    this.#process.kill("SIGKILL")
    await exit
  }

  /** Again on the same port and database. Its stats begin anew. */
  async restart(): Promise<void> {
    const process = await startProcess(this.port, this.#site, this.#directory)
    if (!process) throw new Error(`The server does not start again on port ${this.port}`)
    this.#process = process
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async control(orders: Control): Promise<ControlAnswer> {
    const response = await fetch(`${this.origin}/_control`, { method: "POST", body: JSON.stringify(orders) })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as ControlAnswer
  }

  /**
   * Persists messages, and broadcasts them unless told otherwise.
   *
   * @returns their ids
   */
  async say(count: number, { conversation = "c1", broadcast = true, body = "hello" } = {}): Promise<number[]> {
    const { persist = [] } = await this.control({ persist: { conversation, body, count, broadcast } })
    return persist.map(({ id }) => id)
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

  /** A second process that writes into the same database and broadcasts nothing. */
  produce({ count, every, conversation = "c1" }: { count: number; every: number; conversation?: string }): Producer {
    return new Producer({ database: databaseIn(this.#directory), conversation, count, every })
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
      await wait(25)
    }
  }
}

/** @returns `null` if it ended instead of listening: most often, the port is taken */
async function startProcess(port: number, site: string, directory: string, guest?: string): Promise<Script | null> {
  const origin = guest === undefined ? {} : { origin: guest }
  const child = runScript("server.ts", { port, database: databaseIn(directory), static: site, ...origin })
  const listening = once(createInterface(child.stdout), "line").then(() => true)
  const ended = once(child, "exit").then(() => false)
  const isListening = await within(PATIENCE_MS, Promise.race([listening, ended]), async () => "the server's port")
  return isListening ? child : null
}

function databaseIn(directory: string): string {
  return join(directory, "chat.sqlite")
}
