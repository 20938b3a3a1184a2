// Counts a page's messages, looks at their order, and tells the server.

import type { Message } from "../message.ts"
import type { Word } from "../word.ts"

/** After the end of a flood, messages that are still missing are waited for so long: then they are lost. */
const LOST_AFTER_MS = 2_000

/** `step`: after how many messages to tell of the progress; `clockAhead`: milliseconds, of the server's clock. */
export type TallyOptions = { step: number; clockAhead: number; say: (word: Word) => void }

export class Tally {
  readonly #options: TallyOptions
  /** Of each stream, the highest id so far. */
  readonly #last: number[]
  #seen = new Uint8Array(1 << 16)
  #count = 0
  #disorder = 0
  #repeats = 0
  #latencies: number[] = []
  #highest = 0
  #told = 0
  /** The last id of the flood before, and of this one once it is known. */
  #before = 0
  #end: number | null = null
  #giveUp: ReturnType<typeof setTimeout> | undefined

  constructor(streams: number, options: TallyOptions) {
    this.#options = options
    this.#last = Array.from({ length: streams }, () => 0)
  }

  received(stream: number, { id, type, sent }: Message): void {
    if (sent !== undefined) this.#latencies.push(performance.now() - this.#options.clockAhead - sent)
    if (this.#isRepeat(id)) {
      this.#repeats += 1
      return
    }
    this.#count += 1
    if (id < (this.#last[stream] ?? 0)) this.#disorder += 1
    else this.#last[stream] = id
    if (id > this.#highest) this.#highest = id
    if (this.#highest - this.#told >= this.#options.step) {
      this.#told = this.#highest
      this.#options.say({ type: "progress", at: this.#highest })
    }
    if (type === "end") this.#end = id
    if (this.#end !== null) this.#onEnd(this.#end)
  }

  #isRepeat(id: number): boolean {
    if (id >= this.#seen.length) {
      const longer = new Uint8Array(2 * id)
      longer.set(this.#seen)
      this.#seen = longer
    }
    if (this.#seen[id] === 1) return true
    this.#seen[id] = 1
    return false
  }

  #onEnd(end: number): void {
    clearTimeout(this.#giveUp)
    if (this.#count === end - this.#before) return this.#report(end, 0)
    const lastAt = performance.now()
    this.#giveUp = setTimeout(() => this.#report(end, performance.now() - lastAt), LOST_AFTER_MS)
  }

  #report(end: number, late: number): void {
    const [count, disorder, repeats, latencies] = [this.#count, this.#disorder, this.#repeats, this.#latencies]
    this.#options.say({ type: "done", count, disorder, repeats, late, latencies })
    this.#before = end
    this.#end = null
    this.#count = this.#disorder = this.#repeats = 0
    this.#latencies = []
  }
}
