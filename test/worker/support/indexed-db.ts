// An empty IndexedDB in Node, of the kind that browsers have.

import * as fake from "fake-indexeddb"

const { IDBFactory, IDBKeyRange, ...classes } = fake

/** Replaces whatever was stored before. */
export function installIndexedDb(): void {
  Object.assign(globalThis, classes, { IDBKeyRange, IDBFactory, indexedDB: new IDBFactory() })
}
