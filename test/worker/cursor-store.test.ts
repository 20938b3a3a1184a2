import * as fake from "fake-indexeddb"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Row } from "../../worker/core/event.ts"
import { IndexedDbStore } from "../../worker/cursor-store.ts"
import { installIndexedDb } from "./support/indexed-db.ts"

beforeEach(() => {
  installIndexedDb()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function row(n: number, { epoch = 1, after = `${n}` }: { epoch?: number; after?: string } = {}): Row {
  return { v: 1, position: { after, seen: [] }, epoch, n }
}

/** The connections that stores have opened, as the browser sees them. */
function watchConnections(): IDBDatabase[] {
  const opened: IDBDatabase[] = []
  const open = indexedDB.open.bind(indexedDB)
  vi.spyOn(indexedDB, "open").mockImplementation((...args) => {
    const request = open(...args)
    request.addEventListener("success", () => opened.push(request.result))
    return request
  })
  return opened
}

/** Whatever is stored under a key, without a store. */
async function put(key: string, value: unknown): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("trunkline", 1)
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error as Error))
  })
  await new Promise(resolve => {
    const tx = db.transaction("cursors", "readwrite")
    tx.objectStore("cursors").put(value, key)
    tx.addEventListener("complete", resolve)
  })
  db.close()
}

function failing(): IndexedDbStore {
  vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("no", "SecurityError")
  })
  return new IndexedDbStore()
}

describe("a store", () => {
  it("says `no row` where there is none, and what was stored where there is one", async () => {
    const store = new IndexedDbStore()
    expect(store.kind).toBe("unknown")
    expect(await store.load("a/1")).toBeNull()
    expect(store.kind).toBe("indexeddb")
    await store.save("a/1", row(1))
    expect(await store.load("a/1")).toEqual(row(1))
    expect(await store.load("a/2")).toBeNull()
  })

  it("outlives its worker", async () => {
    await new IndexedDbStore().save("a/1", row(1))
    expect(await new IndexedDbStore().load("a/1")).toEqual(row(1))
  })

  it("opens its database once", async () => {
    const opened = watchConnections()
    const store = new IndexedDbStore()
    await Promise.all([store.load("a/1"), store.save("a/1", row(1)), store.load("a/2")])
    expect(opened).toHaveLength(1)
  })

  it("keeps rows in the order of their writing, epochs first (engine rule 14)", async () => {
    const store = new IndexedDbStore()
    await store.save("a/1", row(5, { epoch: 2 }))
    for (const older of [row(4, { epoch: 2 }), row(5, { epoch: 2, after: "x" }), row(99, { epoch: 1 })]) {
      await store.save("a/1", older)
      expect(await store.load("a/1")).toEqual(row(5, { epoch: 2 }))
    }
    await store.save("a/1", row(6, { epoch: 2 }))
    expect(await store.load("a/1")).toEqual(row(6, { epoch: 2 }))
    await store.save("a/1", row(1, { epoch: 3 }))
    expect(await store.load("a/1")).toEqual(row(1, { epoch: 3 }))
  })

  it("does so between two hubs: the check is in the transaction", async () => {
    const [one, other] = [new IndexedDbStore(), new IndexedDbStore()]
    await Promise.all([
      one.save("a/1", row(1, { epoch: 1 })),
      other.save("a/1", row(1, { epoch: 2 })),
      one.save("a/1", row(2, { epoch: 1 })),
    ])
    expect(await one.load("a/1")).toEqual(row(1, { epoch: 2 }))
  })

  it("takes a row of another version for none, and writes over it", async () => {
    const store = new IndexedDbStore()
    await store.load("a/1")
    await put("a/1", { ...row(7, { epoch: 9 }), v: 2 })
    expect(await store.load("a/1")).toBeNull()
    await store.save("a/1", row(1))
    expect(await store.load("a/1")).toEqual(row(1))
  })

  it("erases all rows of an identity, and no others (engine rule 16)", async () => {
    const store = new IndexedDbStore()
    for (const key of ["a/1", "a/2", "a/\uffee", "b/1", "A/1"]) await store.save(key, row(1))
    await store.erase("a")
    for (const key of ["a/1", "a/2", "a/\uffee"]) expect(await store.load(key)).toBeNull()
    for (const key of ["b/1", "A/1"]) expect(await store.load(key)).toEqual(row(1))
  })
})

describe("an epoch", () => {
  it("is at least what is asked for, and higher than any before (engine rule 17)", async () => {
    const store = new IndexedDbStore()
    expect(await store.nextEpoch("hub", 100)).toBe(100)
    expect(await store.nextEpoch("hub", 100)).toBe(101)
    expect(await store.nextEpoch("hub", 50)).toBe(102)
    expect(await store.nextEpoch("hub", 103)).toBe(103)
    expect(await store.nextEpoch("hub", 1_000)).toBe(1_000)
    expect(await new IndexedDbStore().nextEpoch("hub", 1)).toBe(1_001)
  })

  it("is counted for each hub by itself, whatever the first one asks for", async () => {
    const store = new IndexedDbStore()
    expect(await store.nextEpoch("one", 0)).toBe(1)
    expect(await store.nextEpoch("other", 0)).toBe(1)
  })

  it("is taken by one of two hubs that take it at once", async () => {
    const stores = [new IndexedDbStore(), new IndexedDbStore(), new IndexedDbStore()]
    const epochs = await Promise.all(stores.map(store => store.nextEpoch("hub", 10)))
    expect(epochs.toSorted((a, b) => a - b)).toEqual([10, 11, 12])
  })

  it("is what is asked for where nothing can be stored", async () => {
    expect(await failing().nextEpoch("hub", 42)).toBe(42)
  })
})

describe("without IndexedDB (case 13)", () => {
  it("loading has failed, which is not the same as no row (engine rule 15)", async () => {
    const store = failing()
    expect(await store.load("a/1")).toBe("failed")
    expect(store.kind).toBe("memory")
  })

  it("rows are kept in memory", async () => {
    const store = failing()
    await store.save("a/1", row(1))
    expect(await store.load("a/1")).toEqual(row(1))
    expect(await store.load("a/2")).toBe("failed")
  })

  it("rows in memory keep the order of their writing too (engine rule 14)", async () => {
    const store = failing()
    await store.save("a/1", row(2))
    await store.save("a/1", row(1))
    expect(await store.load("a/1")).toEqual(row(2))
    await store.save("a/1", row(3))
    expect(await store.load("a/1")).toEqual(row(3))
  })

  it("they are erased from it", async () => {
    const store = failing()
    await store.save("a/1", row(1))
    await store.save("b/1", row(1))
    await store.erase("a")
    expect(await store.load("a/1")).toBe("failed")
    expect(await store.load("b/1")).toEqual(row(1))
  })

  it("nothing rejects when a transaction fails, as with a full disk", async () => {
    const store = new IndexedDbStore()
    await store.save("a/1", row(1))
    const fail = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError")
    })
    await store.save("a/1", row(2))
    expect(store.kind).toBe("memory")
    expect(await store.load("a/1")).toEqual(row(2))
    expect(await store.nextEpoch("hub", 7)).toBe(7)
    fail.mockRestore()
  })

  it("a row goes back to the database, and out of memory, with the first write that works again", async () => {
    const store = new IndexedDbStore()
    const fail = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError")
    })
    fail.mockImplementationOnce(() => {
      throw new DOMException("full", "QuotaExceededError")
    })
    await store.save("a/1", row(1))
    expect(store.kind).toBe("memory")
    await store.save("a/1", row(2))
    expect(store.kind).toBe("indexeddb")
    expect(await new IndexedDbStore().load("a/1")).toEqual(row(2))
    await put("a/1", row(3))
    expect(await store.load("a/1")).toEqual(row(3))
  })
})

describe("a connection that is lost", () => {
  it("is opened again: closed under our feet, as Safari does", async () => {
    const opened = watchConnections()
    const store = new IndexedDbStore()
    await store.save("a/1", row(1))
    opened[0]?.close()
    expect(await store.load("a/1")).toEqual(row(1))
    expect(opened).toHaveLength(2)
    expect(store.kind).toBe("indexeddb")
  })

  it("is opened again when the browser says that it is gone", async () => {
    const opened = watchConnections()
    const store = new IndexedDbStore()
    await store.save("a/1", row(1))
    const gone = new Promise(resolve => opened[0]?.addEventListener("close", resolve))
    fake.forceCloseDatabase(opened[0] as never)
    await gone
    await store.save("a/1", row(2))
    expect(opened).toHaveLength(2)
    expect(await store.load("a/1")).toEqual(row(2))
  })
})

describe("a database that does not answer", () => {
  /** Opening hangs; timers are the test's. */
  function hanging(): IndexedDbStore {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    vi.spyOn(indexedDB, "open").mockImplementation(() => new IDBOpenDBRequest())
    return new IndexedDbStore()
  }

  it("is given a second, and another one with a new connection; then memory has to do", async () => {
    const store = hanging()
    let loaded: unknown = "nothing yet"
    void store.load("a/1").then(row => (loaded = row))
    await vi.advanceTimersByTimeAsync(1_999)
    expect(loaded).toBe("nothing yet")
    await vi.advanceTimersByTimeAsync(1)
    expect(loaded).toBe("failed")
    expect(store.kind).toBe("memory")
  })

  it("does not hold up an epoch for longer than that", async () => {
    const store = hanging()
    const epoch = store.nextEpoch("hub", 42)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await epoch).toBe(42)
  })

  it("is then left alone for a minute: connections that never end would pile up (promise 8)", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => new IDBOpenDBRequest())
    const store = new IndexedDbStore()
    const save = async (n: number) => {
      const saved = store.save("a/1", row(n))
      await vi.advanceTimersByTimeAsync(2_000)
      await saved
    }
    await save(1)
    expect(open).toHaveBeenCalledTimes(2)
    for (let n = 2; n <= 20; n++) await save(n)
    expect(open).toHaveBeenCalledTimes(2)
    expect(await store.load("a/1")).toEqual(row(20))
    await vi.advanceTimersByTimeAsync(60_000)
    open.mockRestore()
    await store.save("a/1", row(21))
    expect(store.kind).toBe("indexeddb")
  })

  it("leaves no timer behind when it answers in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const store = new IndexedDbStore()
    await store.save("a/1", row(1))
    await store.load("a/1")
    expect(vi.getTimerCount()).toBe(0)
  })
})
