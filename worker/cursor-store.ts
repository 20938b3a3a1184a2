// Where the rows live: in the database, and in memory for as long as that fails. What could not be written is written
// when it works again.

import type { Row } from "./core/event.ts"
import { Database, type Connection } from "./database.ts"

/** Rows of hubs that began longer ago belong to nobody any more. */
const UNUSED_MS = 30 * 24 * 3_600_000
const SWEEP_LIMIT = 200

/** `forgotten` is the epoch in which the identity last logged out; 0 for never. */
export type Epochs = { epoch: number; forgotten: number }

export interface CursorStore {
  /** `unknown` until the database answers or fails for the first time. */
  readonly kind: "indexeddb" | "memory" | "unknown"
  /** Why it is memory: the name of the last error. */
  readonly error: string | null
  /** Resolves if the database worked and will not again in this worker. */
  readonly lost: Promise<void>
  /** @returns `"failed"` unless the database itself has answered */
  load(key: string): Promise<Row | null | "failed">
  /**
   * Replaces `over`, or nothing: any other row is somebody else's, and stays. Never rejects.
   *
   * @param over what the writer read, or wrote last
   * @returns the row that is in the way
   */
  save(key: string, row: Row, over: Row | null): Promise<Row | null>
  /** Takes an epoch: higher than any taken before, and at least `least`. */
  nextEpoch(least: number): Promise<Epochs>
  /**
   * The identity logs out: deletes its rows, and refuses those of epochs up to the returned one from now on.
   *
   * @returns the highest epoch taken by anybody, at least `least`
   */
  forget(least: number): Promise<number>
}

type Unsaved = { row: Row; over: Row | null }

export class IndexedDbStore implements CursorStore {
  readonly lost: Promise<void>
  readonly #identity: string
  readonly #tombstone: string
  readonly #database: Database
  readonly #unsaved = new Map<string, Unsaved>()
  readonly #writing = new Set<string>()
  #forgotten = 0
  #isForgotten = true

  /** @param identity prefix of its rows' keys, up to a slash */
  constructor(identity: string) {
    this.#identity = identity
    this.#tombstone = `${identity}/forgotten`
    let lost = () => {}
    this.lost = new Promise(resolve => (lost = resolve))
    this.#database = new Database({ retry: () => void this.#retry(), lost })
  }

  get kind(): CursorStore["kind"] {
    if (this.error !== null) return "memory"
    return this.#database.hasWorked ? "indexeddb" : "unknown"
  }

  get error(): string | null {
    return this.#database.error
  }

  async load(key: string): Promise<Row | null | "failed"> {
    const unsaved = this.#unsaved.get(key)
    if (unsaved) return unsaved.row
    return this.#try(async db => readRow(await db.transaction("cursors").store.get(key)), "failed")
  }

  async save(key: string, row: Row, over: Row | null): Promise<Row | null> {
    this.#unsaved.set(key, { row, over: this.#unsaved.get(key)?.over ?? over })
    return this.#writing.has(key) ? null : this.#write(key)
  }

  async nextEpoch(least: number): Promise<Epochs> {
    const epoch = await this.#try(async db => {
      const tx = db.transaction("epochs", "readwrite")
      const [last = 0, forgotten = 0] = await Promise.all([tx.store.get(this.#identity), tx.store.get(this.#tombstone)])
      const next = Math.max(least, last + 1)
      await Promise.all([tx.store.put(next, this.#identity), tx.done])
      this.#forgotten = Math.max(this.#forgotten, forgotten)
      return next
    }, least)
    for (const [key, { row }] of this.#unsaved) if (row.epoch <= this.#forgotten) this.#unsaved.delete(key)
    if (this.kind === "indexeddb") void this.#try(db => sweep(db, least - UNUSED_MS), undefined)
    return { epoch: Math.max(epoch, this.#forgotten + 1), forgotten: this.#forgotten }
  }

  async forget(least: number): Promise<number> {
    this.#unsaved.clear()
    this.#forgotten = Math.max(this.#forgotten, least)
    this.#isForgotten = false
    await this.#bury()
    return this.#forgotten
  }

  /** One transaction: a write that comes between the two would bring a row back. */
  async #bury(): Promise<void> {
    await this.#try(async db => {
      const tx = db.transaction(["cursors", "epochs"], "readwrite")
      const [cursors, epochs] = [tx.objectStore("cursors"), tx.objectStore("epochs")]
      const forgotten = Math.max(this.#forgotten, (await epochs.get(this.#identity)) ?? 0)
      await Promise.all([
        epochs.put(forgotten, this.#identity),
        epochs.put(forgotten, this.#tombstone),
        // "0" is the character after the slash.
        cursors.delete(IDBKeyRange.bound(`${this.#identity}/`, `${this.#identity}0`, false, true)),
        tx.done,
      ])
      this.#forgotten = forgotten
      this.#isForgotten = true
    }, undefined)
  }

  /** What is saved meanwhile goes the same way, so that each write knows what it replaces. */
  async #write(key: string): Promise<Row | null> {
    this.#writing.add(key)
    let inTheWay: Row | null | "failed" = null
    for (let next = this.#unsaved.get(key); next && !inTheWay; next = this.#unsaved.get(key)) {
      const { row, over } = next
      inTheWay = await this.#try(db => this.#replace(db, key, row, over), "failed")
      if (inTheWay === "failed") break
      const newer = this.#unsaved.get(key)
      if (inTheWay || newer === next) this.#unsaved.delete(key)
      else if (newer) this.#unsaved.set(key, { row: newer.row, over: row })
    }
    this.#writing.delete(key)
    return inTheWay === "failed" ? null : inTheWay
  }

  async #replace(db: Connection, key: string, row: Row, over: Row | null): Promise<Row | null> {
    const tx = db.transaction(["cursors", "epochs"], "readwrite", { durability: "relaxed" })
    const cursors = tx.objectStore("cursors")
    const [value, forgotten = 0] = await Promise.all([cursors.get(key), tx.objectStore("epochs").get(this.#tombstone)])
    const stored = readRow(value)
    const isOurs = !stored || (stored.epoch === over?.epoch && stored.n === over.n)
    if (isOurs && row.epoch > forgotten) await cursors.put(row, key)
    await tx.done
    return isOurs ? null : stored
  }

  /** Those who saved have their answer: whatever is in the way now, their next write will find it. */
  async #retry(): Promise<void> {
    if (!this.#isForgotten) await this.#bury()
    for (const key of this.#unsaved.keys()) if (!this.#writing.has(key)) await this.#write(key)
    // Nothing to write: is it back?
    if (this.kind === "memory") await this.#try(db => db.transaction("epochs").store.count(), 0)
  }

  async #try<T, U>(work: (db: Connection) => Promise<T>, otherwise: U): Promise<T | U> {
    try {
      return await this.#database.use(work)
    } catch {
      return otherwise
    }
  }
}

/** Some rows from anywhere: a start must not wait for thousands. An epoch is at least the time of its taking. */
async function sweep(db: Connection, before: number): Promise<void> {
  const tx = db.transaction("cursors", "readwrite", { durability: "relaxed" })
  const somewhere = IDBKeyRange.lowerBound(Math.random().toString(36).slice(2))
  let cursor = (await tx.store.openCursor(somewhere)) ?? (await tx.store.openCursor())
  for (let rest = SWEEP_LIMIT; cursor && rest > 0; rest--) {
    if (cursor.value.epoch < before) await cursor.delete()
    cursor = await cursor.continue()
  }
  await tx.done
}

/** A row of another version, or none, is no row. */
function readRow(row: Row | undefined): Row | null {
  return row?.v === 1 ? row : null
}
