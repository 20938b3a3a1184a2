// Live messages that may not go out yet, because a catch-up runs and what is older must come first (case 17). They take
// their room from the log's, so that a stream costs the same whether it waits or not.

import type { LiveEntry, Log } from "./log.ts"

export class Hold {
  #entries: LiveEntry[] = []
  #bytes = 0
  #overflowed = false
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get count(): number {
    return this.#entries.length
  }

  add(entry: LiveEntry): void {
    this.#entries.push(entry)
    this.#bytes += entry.text.length
    while (!this.#log.reserve(this.#entries.length, this.#bytes)) this.#drop()
  }

  /** Everything, in order of arrival. */
  release(): LiveEntry[] {
    const entries = this.#entries
    this.#entries = []
    this.#bytes = 0
    this.#log.reserve(0, 0)
    return entries
  }

  /** Persisted messages had to be dropped since the last time: they are at the server, and catch-up has to ask once more. */
  takeOverflow(): boolean {
    const overflowed = this.#overflowed
    this.#overflowed = false
    return overflowed
  }

  #drop(): void {
    const dropped = this.#entries.shift()
    if (!dropped) return
    this.#bytes -= dropped.text.length
    if (dropped.id !== null) this.#overflowed = true
  }
}
