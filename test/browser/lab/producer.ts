// A second process that persists messages into the server's database, whatever the server is doing. It broadcasts nothing,
// and ends by itself.

import { createInterface } from "node:readline"
import type { Readable } from "node:stream"

import { within } from "./within.ts"

const PATIENCE_MS = 15_000

export class Producer {
  readonly #ids: number[] = []
  #heard = (): void => {}

  /** @param rows what it prints: each row as JSON on a line of its own, once it is committed */
  constructor(rows: Readable) {
    createInterface(rows).on("line", line => {
      this.#ids.push((JSON.parse(line) as { id: number }).id)
      this.#heard()
    })
  }

  /** @returns the first `count` ids, once they are committed */
  async committed(count: number): Promise<number[]> {
    const enough = async (): Promise<number[]> => {
      while (this.#ids.length < count) await new Promise<void>(resolve => (this.#heard = resolve))
      return this.#ids.slice(0, count)
    }
    return within(PATIENCE_MS, enough(), async () => `${count} messages; there are ${this.#ids.length}`)
  }
}
