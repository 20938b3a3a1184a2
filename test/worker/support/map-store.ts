// A cursor store that is a map, answers at once, and keeps the rules of the real one.

import type { Row } from "../../../worker/core/event.ts"
import type { CursorStore, Epochs } from "../../../worker/cursor-store.ts"

export class MapStore implements CursorStore {
  readonly kind = "indexeddb"
  readonly error = null
  readonly lost: Promise<void>
  /** The database is lost for good. */
  lose = (): void => {}
  readonly rows = new Map<string, Row>()
  readonly epochs: number[] = []
  forgotten = 0
  /** An epoch is given out once this is fulfilled. */
  ready: Promise<void> = Promise.resolve()
  #saved = (): void => {}

  constructor() {
    this.lost = new Promise(resolve => (this.lose = resolve))
  }

  async load(key: string): Promise<Row | null> {
    return this.rows.get(key) ?? null
  }

  async save(key: string, row: Row, over: Row | null): Promise<Row | null> {
    const stored = this.rows.get(key)
    if (stored && (stored.epoch !== over?.epoch || stored.n !== over.n)) return stored
    if (row.epoch > this.forgotten) this.rows.set(key, row)
    this.#saved()
    return null
  }

  async nextEpoch(least: number): Promise<Epochs> {
    await this.ready
    const epoch = Math.max(least, this.forgotten + 1, (this.epochs.at(-1) ?? 0) + 1)
    this.epochs.push(epoch)
    return { epoch, forgotten: this.forgotten }
  }

  async forget(least: number): Promise<number> {
    this.rows.clear()
    this.forgotten = Math.max(least, this.forgotten, ...this.epochs)
    return this.forgotten
  }

  /** A row has been written. */
  saved(): Promise<void> {
    return new Promise(resolve => (this.#saved = resolve))
  }
}
