// The last so many ids, and a few more: in generations, of which the oldest is dropped whole, so that forgetting costs
// nothing per id. Hub and tabs tell repeats by it.

import type { Id } from "./position.ts"

/** At most: small sets grow and are collected at a third of the cost of large ones. */
const GENERATION = 2_048

export class IdWindow {
  readonly #perGeneration: number
  readonly #full: number
  #young = new Set<Id>()
  /** Full ones, youngest first. */
  #older: readonly Set<Id>[] = []
  /** No id was longer, and none of its length came after it in the alphabet. Of integers, it is the greatest. */
  #top = ""

  /** @param limit at least so many are remembered, at most a generation more */
  constructor(limit: number) {
    this.#perGeneration = Math.min(limit, GENERATION)
    this.#full = Math.ceil(limit / this.#perGeneration)
  }

  get size(): number {
    return this.#young.size + this.#older.length * this.#perGeneration
  }

  has(id: Id): boolean {
    // News, nearly always: where ids are integers, nobody needs to look.
    if (isBeyond(id, this.#top)) return false
    return this.#young.has(id) || this.#older.some(generation => generation.has(id))
  }

  add(id: Id): void {
    if (this.#young.size >= this.#perGeneration) {
      this.#older = [this.#young, ...this.#older].slice(0, this.#full)
      this.#young = new Set()
    }
    this.#young.add(id)
    if (isBeyond(id, this.#top)) this.#top = id
  }

  clear(): void {
    this.#young.clear()
    this.#older = []
    this.#top = ""
  }
}

function isBeyond(id: Id, top: Id): boolean {
  return id.length === top.length ? id > top : id.length > top.length
}
