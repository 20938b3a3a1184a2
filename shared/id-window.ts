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

  /** @param limit at least so many are remembered, at most a generation more */
  constructor(limit: number) {
    this.#perGeneration = Math.min(limit, GENERATION)
    this.#full = Math.ceil(limit / this.#perGeneration)
  }

  get size(): number {
    return this.#young.size + this.#older.length * this.#perGeneration
  }

  has(id: Id): boolean {
    if (this.#young.has(id)) return true
    for (const generation of this.#older) if (generation.has(id)) return true
    return false
  }

  add(id: Id): void {
    if (this.#young.size >= this.#perGeneration) {
      this.#older = [this.#young, ...this.#older].slice(0, this.#full)
      this.#young = new Set()
    }
    this.#young.add(id)
  }

  clear(): void {
    this.#young.clear()
    this.#older = []
  }
}
