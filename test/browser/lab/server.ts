// The embedded server as a process of its own, which can be killed and started again on the same port and database.

import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

import { Controlled, type Saying } from "./controlled.ts"
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

export class Server extends Controlled {
  readonly port: number
  readonly #site: string
  readonly #directory: string
  #process: Script

  private constructor(port: number, site: string, directory: string, process: Script) {
    super()
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

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, "exit")
    this.#process.kill("SIGKILL")
    await exit
  }

  async restart(): Promise<void> {
    const process = await startProcess(this.port, this.#site, this.#directory)
    if (!process) throw new Error(`The server does not start again on port ${this.port}`)
    this.#process = process
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async say(count: number, { conversation = "c1", broadcast = true, body = "hello" }: Saying = {}): Promise<number[]> {
    const { persist = [] } = await this.control({ persist: { conversation, body, count, broadcast } })
    return persist.map(({ id }) => id)
  }

  produce({ count, every, conversation = "c1" }: { count: number; every: number; conversation?: string }): Producer {
    const options = { database: databaseIn(this.#directory), conversation, count, every }
    return new Producer(runScript("produce.ts", options).stdout)
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
