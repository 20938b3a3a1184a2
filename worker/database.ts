// The database, kept open for as long as it works. Every use is bounded in time; a connection that broke is opened anew;
// a database that fails is left alone for a while and then tried again. Version 1 for ever: an old build's open connection
// would block an upgrade for as long as its tab lives, so the values carry versions instead.

import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb"
import type { Row } from "./core/event.ts"

interface Schema extends DBSchema {
  /** By row key. Another version may have written something else. */
  cursors: { key: string; value: Row }
  /** The highest epoch taken, by identity; under `<identity>/forgotten` the one in which it last logged out. */
  epochs: { key: string; value: number }
}

/** Without idb's shortcuts (`db.get`, `db.put`, …), which the build leaves out: see vite.config.ts. */
export type Connection = Pick<IDBPDatabase<Schema>, "close" | "objectStoreNames" | "transaction">

/** Opening may wait behind other connections, in some browsers for ever. Reopening is included. */
const ANSWER_WITHIN_MS = 1_000
/** What Safari lost the first one does not always bring back. */
const REOPENINGS = 2
/** After a failure; doubles with each. Where nothing answers it is the longest at once: such connections pile up. */
const PAUSE_MS = { first: 1_000, longest: 60_000 }
/** So many failures in a row to open again what was open once mean that this worker will never see it again. */
const REFUSALS = 2

export interface DatabaseEvents {
  /** The pause after a failure is over. Whoever uses the database now ends or prolongs it. */
  retry(): void
  /** It worked here and will not again; in another worker it may. Told once. */
  lost(): void
}

export class Database {
  /** The last failure's name; `null` while it works. */
  error: string | null = null
  hasWorked = false
  #connection: Promise<Connection> | null = null
  #pause: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #refusals = 0
  readonly #events: DatabaseEvents

  constructor(events: DatabaseEvents) {
    this.#events = events
  }

  /** Rejects with whatever went wrong, within a second; during a pause at once. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#pause !== undefined) throw new NoAnswer("IndexedDB failed a moment ago")
    const deadline = performance.now() + ANSWER_WITHIN_MS
    for (let reopened = 0; ; reopened++) {
      const opening = this.#open()
      let isOpen = false
      try {
        const connection = await before(deadline, opening)
        isOpen = true
        const result = await before(deadline, work(connection))
        this.#worked()
        return result
      } catch (error) {
        this.#drop(opening)
        if (reopened < REOPENINGS && performance.now() < deadline) continue
        this.#failed(error, isOpen)
        // Slow is not dead: when it has opened after all, it will again.
        if (!isOpen) opening.then(() => this.#resume()).catch(() => {})
        throw error
      }
    }
  }

  #open(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const opening: Promise<Connection> = open(() => this.#drop(opening))
    this.#connection = opening
    return opening
  }

  /** One that opens only now is of no use to anybody either. */
  #drop(opening: Promise<Connection>): void {
    if (this.#connection === opening) this.#connection = null
    opening.then(
      connection => connection.close(),
      () => {},
    )
  }

  #worked(): void {
    this.hasWorked = true
    this.error = null
    this.#failures = this.#refusals = 0
    clearTimeout(this.#pause)
    this.#pause = undefined
  }

  #resume(): void {
    if (this.#pause === undefined) return
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#events.retry()
  }

  #failed(error: unknown, isOpen: boolean): void {
    this.error = error instanceof Error ? error.name : String(error)
    if (this.#pause !== undefined) return
    const isSilent = error instanceof NoAnswer
    this.#refusals = isOpen || isSilent ? 0 : this.#refusals + 1
    if (this.hasWorked && this.#refusals === REFUSALS) this.#events.lost()
    const pause = isSilent ? PAUSE_MS.longest : Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** this.#failures)
    this.#failures += 1
    this.#pause = setTimeout(() => this.#resume(), pause)
  }
}

/** @param over it has been closed, or somebody wants to delete the database and would wait for it */
async function open(over: () => void): Promise<Connection> {
  const connection = await openDB<Schema>("trunkline", 1, {
    upgrade(db) {
      db.createObjectStore("cursors")
      db.createObjectStore("epochs")
    },
    blocking: over,
    terminated: over,
  })
  if (connection.objectStoreNames.length > 0) return connection
  // Somebody else's script opened it before there was one, just to look.
  connection.close()
  await deleteDB("trunkline")
  return open(over)
}

class NoAnswer extends Error {
  override readonly name = "NoAnswer"
}

function before<T>(deadline: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new NoAnswer("IndexedDB does not answer"))
    const timer = setTimeout(fail, Math.max(0, deadline - performance.now()))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
