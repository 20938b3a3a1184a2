// A cursor store that is a map, answers at once, and keeps the rules of the real one.

import type { Row } from "../../../worker/core/event.ts"
import type { CursorStore } from "../../../worker/cursor-store.ts"

export class MapStore implements CursorStore {
  readonly kind = "memory"
  readonly rows = new Map<string, Row>()
  readonly epochs: number[] = []
  /** An epoch is given out once this is fulfilled. */
  ready: Promise<void> = Promise.resolve()
  #saved = (): void => {}

  async load(key: string): Promise<Row | null> {
    return this.rows.get(key) ?? null
  }

  async save(key: string, row: Row): Promise<void> {
    this.rows.set(key, row)
    this.#saved()
  }

  async erase(prefix: string): Promise<void> {
    for (const key of this.rows.keys()) if (key.startsWith(prefix)) this.rows.delete(key)
  }

  async nextEpoch(_name: string, least: number): Promise<number> {
    await this.ready
    const epoch = Math.max(least, (this.epochs.at(-1) ?? 0) + 1)
    this.epochs.push(epoch)
    return epoch
  }

  /** A row has been written. */
  saved(): Promise<void> {
    return new Promise(resolve => (this.#saved = resolve))
  }
}
