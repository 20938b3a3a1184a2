// An empty IndexedDB in Node, of the kind that browsers have, and ways in which browsers let it down.

import * as fake from "fake-indexeddb"
import { vi } from "vitest"

const { IDBFactory, IDBKeyRange, ...classes } = fake

/** Replaces whatever was stored before. */
export function installIndexedDb(): void {
  Object.assign(globalThis, classes, { IDBKeyRange, IDBFactory, indexedDB: new IDBFactory() })
}

/** Opening throws, as in some private modes. */
export function refuseToOpen(name = "SecurityError") {
  return vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("no", name)
  })
}

/** Opening is never answered, as behind a connection that never closes. */
export function openNever() {
  return vi.spyOn(indexedDB, "open").mockImplementation(() => new IDBOpenDBRequest())
}

/** Nothing can be written. */
export function fillDisk() {
  return vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError")
  })
}

/** The connections that are opened from now on, as the browser sees them. */
export function watchConnections(): IDBDatabase[] {
  const opened: IDBDatabase[] = []
  const open = indexedDB.open.bind(indexedDB)
  vi.spyOn(indexedDB, "open").mockImplementation((...args) => {
    const request = open(...args)
    request.addEventListener("success", () => opened.push(request.result))
    return request
  })
  return opened
}

/** The browser closes a connection by itself. */
export async function forceClose(connection: IDBDatabase): Promise<void> {
  const gone = new Promise(resolve => connection.addEventListener("close", resolve))
  fake.forceCloseDatabase(connection as never)
  await gone
}
