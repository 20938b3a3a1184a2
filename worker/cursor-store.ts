// Where the rows live: IndexedDB, or memory once that has failed. Version 1 for ever: an old build's open connection
// would block an upgrade for as long as its tab lives, so the values carry versions instead.

import { openDB, type DBSchema, type IDBPDatabase } from "idb"
import type { Row } from "./core/event.ts"

interface Schema extends DBSchema {
  cursors: { key: string; value: Row }
  epochs: { key: string; value: number }
}

/** Opening waits behind other connections, and in some browsers for ever. */
const ANSWER_WITHIN_MS = 1_000
/** After that it is left alone for so long: each attempt is a connection that may never go away. */
const LEAVE_ALONE_MS = 60_000

export interface CursorStore {
  readonly kind: "indexeddb" | "memory" | "unknown"
  /** @returns `"failed"` unless the database itself has answered */
  load(key: string): Promise<Row | null | "failed">
  /** Refused, silently, if the stored row is newer by (epoch, n). Never rejects. */
  save(key: string, row: Row): Promise<void>
  /** Deletes every row whose key starts so. */
  erase(prefix: string): Promise<void>
  /** Takes an epoch: higher than any taken before, and at least `least`. */
  nextEpoch(name: string, least: number): Promise<number>
}

export class IndexedDbStore implements CursorStore {
  kind: CursorStore["kind"] = "unknown"
  #db: Promise<IDBPDatabase<Schema>> | null = null
  readonly #memory = new Map<string, Row>()
  #silentUntil = 0

  async load(key: string): Promise<Row | null | "failed"> {
    const remembered = this.#memory.get(key)
    if (remembered) return remembered
    return this.#try<Row | null | "failed">(async db => readRow(await db.get("cursors", key)), "failed")
  }

  async save(key: string, row: Row): Promise<void> {
    const isStored = await this.#try(async db => {
      const tx = db.transaction("cursors", "readwrite", { durability: "relaxed" })
      const stored = readRow(await tx.store.get(key))
      if (!stored || isNewer(row, stored)) await tx.store.put(row, key)
      await tx.done
      return true
    }, false)
    const remembered = this.#memory.get(key)
    if (isStored) this.#memory.delete(key)
    else if (!remembered || isNewer(row, remembered)) this.#memory.set(key, row)
  }

  async erase(prefix: string): Promise<void> {
    for (const key of this.#memory.keys()) if (key.startsWith(prefix)) this.#memory.delete(key)
    await this.#try(async db => {
      await db.delete("cursors", IDBKeyRange.bound(prefix, prefix + "\uffff"))
    }, undefined)
  }

  async nextEpoch(name: string, least: number): Promise<number> {
    return this.#try(async db => {
      const tx = db.transaction("epochs", "readwrite")
      const epoch = Math.max(least, ((await tx.store.get(name)) ?? 0) + 1)
      await tx.store.put(epoch, name)
      await tx.done
      return epoch
    }, least)
  }

  /** Bounded in time; a connection that broke is opened once more, then memory has to do. */
  async #try<T>(use: (db: IDBPDatabase<Schema>) => Promise<T>, otherwise: T): Promise<T> {
    if (performance.now() < this.#silentUntil) return otherwise
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const result = await within(ANSWER_WITHIN_MS, this.#open().then(use))
        this.kind = "indexeddb"
        return result
      } catch (error) {
        this.#db = null
        if (error instanceof NoAnswer && attempt > 0) this.#silentUntil = performance.now() + LEAVE_ALONE_MS
      }
    }
    this.kind = "memory"
    return otherwise
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#db ??= openDB<Schema>("trunkline", 1, {
      upgrade(db) {
        db.createObjectStore("cursors")
        db.createObjectStore("epochs")
      },
      terminated: () => {
        this.#db = null
      },
    })
    return this.#db
  }
}

/** A row of another version, or none, is no row. */
function readRow(row: Row | undefined): Row | null {
  return row?.v === 1 ? row : null
}

function isNewer(row: Row, stored: Row): boolean {
  return row.epoch > stored.epoch || (row.epoch === stored.epoch && row.n > stored.n)
}

class NoAnswer extends Error {}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer("IndexedDB does not answer")), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
