// The last so many ids, and a while longer: in two generations, of which the older is dropped whole, so that forgetting
// costs nothing per id. Hub and tabs tell repeats by it.

import type { Id } from "./position.ts"

export class IdWindow {
  readonly #limit: number
  #young = new Set<Id>()
  #old = new Set<Id>()

  /** @param limit at least so many are remembered, at most twice as many */
  constructor(limit: number) {
    this.#limit = limit
  }

  has(id: Id): boolean {
    return this.#young.has(id) || this.#old.has(id)
  }

  add(id: Id): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(id)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }
}
