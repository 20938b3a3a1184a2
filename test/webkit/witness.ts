// What tabs are told, when nobody can ask them any more: WebKit's driver ends its session with the first process that dies,
// and the browser lives on. The pages send it by HTTP, all of it each time, for some of that will be lost.

import { once } from "node:events"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

import type { Told } from "../browser/fixture/told.ts"
import type { Tab } from "../browser/lab/tab.ts"
import { within } from "../browser/lab/within.ts"

const PATIENCE_MS = 30_000
const REPORT_EVERY_MS = 100

export class Witness {
  readonly #server: Server
  readonly #told = new Map<string, readonly Told[]>()

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#hear(request).finally(() => response.end())
    })
  }

  static async start(): Promise<Witness> {
    const witness = new Witness()
    witness.#server.listen(0, "127.0.0.1")
    await once(witness.#server, "listening")
    return witness
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** From now on it listens to these tabs. */
  async watch(tabs: readonly Tab[]): Promise<void> {
    const { port } = this.#server.address() as AddressInfo
    for (const [n, tab] of tabs.entries()) {
      await tab.evaluate(
        (url, every) => {
          const report = () => fetch(url, { method: "POST", mode: "no-cors", body: JSON.stringify(window.lab.told) })
          setInterval(() => void report().catch(() => {}), every)
        },
        `http://127.0.0.1:${port}/${n}`,
        REPORT_EVERY_MS,
      )
    }
  }

  /** What each of so many tabs was told, once that is true of it. */
  async until(count: number, done: (told: readonly Told[]) => boolean): Promise<(readonly Told[])[]> {
    const all = async () => {
      while (this.#told.size < count || ![...this.#told.values()].every(done)) await once(this.#server, "request")
    }
    await within(PATIENCE_MS, all(), async () => `${String(done)}\n${JSON.stringify([...this.#told.values()])}`)
    return [...this.#told.values()]
  }

  async #hear(request: IncomingMessage): Promise<void> {
    this.#told.set(request.url ?? "", JSON.parse(await text(request)) as Told[])
  }
}
