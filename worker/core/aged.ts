// Ids with a time each, oldest first. To find the oldest of a Map that loses its oldest all the time, one has to walk past
// all that it lost since it last grew; an iterator that is kept stands behind them already.

import type { Id } from "../../shared/position.ts"

export class Aged {
  readonly #times = new Map<Id, number>()
  /** Stands behind `#oldest`; all before that is gone. */
  #rest = this.#times.keys()
  #oldest: Id | undefined

  get size(): number {
    return this.#times.size
  }

  /** The oldest id; `undefined` if there is none. */
  get oldest(): Id | undefined {
    if (this.#oldest === undefined && this.#times.size > 0) this.#oldest = this.#rest.next().value
    return this.#oldest
  }

  has(id: Id): boolean {
    return this.#times.has(id)
  }

  /** Milliseconds, as they were given. */
  time(id: Id): number | undefined {
    return this.#times.get(id)
  }

  /** An id that is not among them yet. */
  add(id: Id, time: number): void {
    this.#times.set(id, time)
  }

  delete(id: Id): void {
    this.#times.delete(id)
    if (id === this.#oldest) this.#oldest = undefined
  }

  clear(): void {
    this.#times.clear()
    this.#rest = this.#times.keys()
    this.#oldest = undefined
  }

  [Symbol.iterator](): Iterator<[Id, number]> {
    return this.#times.entries()
  }

  ids(): Iterable<Id> {
    return this.#times.keys()
  }
}
