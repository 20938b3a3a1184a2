import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Row } from "../../worker/core/event.ts"
import { IndexedDbStore } from "../../worker/cursor-store.ts"
import { fillDisk, installIndexedDb, openNever, refuseToOpen, watchConnections } from "./support/indexed-db.ts"

const TIME = ["setTimeout", "clearTimeout", "performance"] as const
const DAY = 24 * 3_600_000

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

describe("a store", () => {
  it("says `no row` where there is none, and what was stored where there is one", async () => {
    const store = new IndexedDbStore("a")
    expect(store.kind).toBe("unknown")
    expect(await store.load("a/1")).toBeNull()
    expect(store.kind).toBe("indexeddb")
    expect(await store.save("a/1", row(1), null)).toBeNull()
    expect(await store.load("a/1")).toEqual(row(1))
    expect(await store.load("a/2")).toBeNull()
  })

  it("outlives its worker", async () => {
    await new IndexedDbStore("a").save("a/1", row(1), null)
    expect(await new IndexedDbStore("a").load("a/1")).toEqual(row(1))
  })

  it("takes a row of another version for none, and writes over it", async () => {
    const store = new IndexedDbStore("a")
    await store.load("a/1")
    await put("a/1", { ...row(7, { epoch: 9 }), v: 2 })
    expect(await store.load("a/1")).toBeNull()
    await store.save("a/1", row(1), null)
    expect(await store.load("a/1")).toEqual(row(1))
  })
})

describe("a write (engine rule 14)", () => {
  it("replaces what its hub wrote last", async () => {
    const store = new IndexedDbStore("a")
    await store.save("a/1", row(1), null)
    expect(await store.save("a/1", row(2), row(1))).toBeNull()
    expect(await store.load("a/1")).toEqual(row(2))
  })

  it("does so while the one before it is still under way", async () => {
    const store = new IndexedDbStore("a")
    await Promise.all([
      store.save("a/1", row(1), null),
      store.save("a/1", row(2), row(1)),
      store.save("a/1", row(3), row(2)),
    ])
    expect(await store.load("a/1")).toEqual(row(3))
  })

  it("replaces what its hub found, whoever wrote it", async () => {
    await new IndexedDbStore("a").save("a/1", row(5, { epoch: 9 }), null)
    const store = new IndexedDbStore("a")
    expect(await store.save("a/1", row(1, { epoch: 3 }), row(5, { epoch: 9 }))).toBeNull()
    expect(await store.load("a/1")).toEqual(row(1, { epoch: 3 }))
  })

  it("leaves alone what another hub wrote meanwhile, and says what it is", async () => {
    const [one, other] = [new IndexedDbStore("a"), new IndexedDbStore("a")]
    await one.save("a/1", row(1, { epoch: 1 }), null)
    await other.save("a/1", row(1, { epoch: 2 }), row(1, { epoch: 1 }))
    expect(await one.save("a/1", row(2, { epoch: 1 }), row(1, { epoch: 1 }))).toEqual(row(1, { epoch: 2 }))
    expect(await other.load("a/1")).toEqual(row(1, { epoch: 2 }))
    expect(await one.save("a/1", row(3, { epoch: 1 }), row(1, { epoch: 2 }))).toBeNull()
  })

  it("of two hubs at once is made by one: the check is in the transaction", async () => {
    const stores = [1, 2, 3].map(() => new IndexedDbStore("a"))
    const answers = await Promise.all(stores.map((store, n) => store.save("a/1", row(1, { epoch: n + 1 }), null)))
    expect(answers.filter(answer => answer === null)).toHaveLength(1)
  })

  it("is made where the browser has evicted the row", async () => {
    const store = new IndexedDbStore("a")
    expect(await store.save("a/1", row(2), row(1))).toBeNull()
    expect(await store.load("a/1")).toEqual(row(2))
  })
})

describe("an epoch", () => {
  const take = async (store: IndexedDbStore, least: number) => (await store.nextEpoch(least)).epoch

  it("is at least what is asked for, and higher than any before (engine rule 17)", async () => {
    const store = new IndexedDbStore("a")
    expect(await take(store, 100)).toBe(100)
    expect(await take(store, 100)).toBe(101)
    expect(await take(store, 50)).toBe(102)
    expect(await take(store, 103)).toBe(103)
    expect(await take(store, 1_000)).toBe(1_000)
    expect(await take(new IndexedDbStore("a"), 1)).toBe(1_001)
  })

  it("is counted for each identity by itself, whatever the first one asks for", async () => {
    expect(await take(new IndexedDbStore("a"), 0)).toBe(1)
    expect(await take(new IndexedDbStore("b"), 0)).toBe(1)
  })

  it("is taken by one of several hubs that take it at once", async () => {
    const stores = [new IndexedDbStore("a"), new IndexedDbStore("a"), new IndexedDbStore("a")]
    const epochs = await Promise.all(stores.map(store => take(store, 10)))
    expect(epochs.toSorted((a, b) => a - b)).toEqual([10, 11, 12])
  })

  it("is what is asked for where nothing can be stored", async () => {
    refuseToOpen()
    expect(await new IndexedDbStore("a").nextEpoch(42)).toEqual({ epoch: 42, forgotten: 0 })
  })

  it("is had within a second, if the database never answers", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    openNever()
    const epoch = take(new IndexedDbStore("a"), 42)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await epoch).toBe(42)
  })

  it("goes with a look for rows that nobody has used for 30 days", async () => {
    const store = new IndexedDbStore("a")
    const now = 100 * DAY
    vi.spyOn(Math, "random").mockReturnValue(0) // the look begins with the first row
    for (const [key, epoch] of [
      ["a/old", now - 30 * DAY - 1],
      ["b/old", 1],
      ["a/used", now - 30 * DAY],
      ["b/new", now],
    ] as const) {
      await store.save(key, row(1, { epoch }), null)
    }
    await store.nextEpoch(now)
    await vi.waitFor(async () => expect(await store.load("a/old")).toBeNull())
    for (const [key, isThere] of [
      ["b/old", false],
      ["a/used", true],
      ["b/new", true],
    ] as const) {
      expect((await store.load(key)) !== null).toBe(isThere)
    }
  })
})

describe("a log-out (engine rule 16)", () => {
  it("deletes all rows of its identity, and no others", async () => {
    const store = new IndexedDbStore("a")
    for (const key of ["a/1", "a/2", "a/\uffee", "b/1", "A/1", "ab/1"]) await store.save(key, row(1), null)
    await store.forget(5)
    for (const key of ["a/1", "a/2", "a/\uffee"]) expect(await store.load(key)).toBeNull()
    for (const key of ["b/1", "A/1", "ab/1"]) expect(await store.load(key)).toEqual(row(1))
  })

  it("is of the highest epoch that anybody has taken, and told to every later hub", async () => {
    const store = new IndexedDbStore("a")
    await store.nextEpoch(100)
    await new IndexedDbStore("a").nextEpoch(200)
    expect(await store.forget(150)).toBe(200)
    expect(await new IndexedDbStore("a").nextEpoch(1)).toEqual({ epoch: 201, forgotten: 200 })
    expect(await new IndexedDbStore("b").nextEpoch(1)).toMatchObject({ forgotten: 0 })
  })

  it("refuses rows of its epoch and lower, from hubs that have not heard of it too", async () => {
    const [store, deaf] = [new IndexedDbStore("a"), new IndexedDbStore("a")]
    await store.forget(10)
    for (const epoch of [9, 10]) await deaf.save("a/1", row(1, { epoch }), null)
    expect(await deaf.load("a/1")).toBeNull()
    await deaf.save("a/1", row(1, { epoch: 11 }), null)
    expect(await deaf.load("a/1")).toEqual(row(1, { epoch: 11 }))
  })

  it("leaves nothing behind of a write that was under way", async () => {
    const store = new IndexedDbStore("a")
    const saved = store.save("a/1", row(1), null)
    void store.save("a/1", row(2), row(1))
    await store.forget(1)
    await saved
    expect(await new IndexedDbStore("a").load("a/1")).toBeNull()
  })

  it("is made good for when the database works again", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const store = new IndexedDbStore("a")
    await store.save("a/1", row(1), null)
    const full = fillDisk()
    expect(await store.forget(7)).toBe(7)
    expect(await store.nextEpoch(1)).toEqual({ epoch: 8, forgotten: 7 })
    full.mockRestore()
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(store.kind).toBe("indexeddb"))
    const next = new IndexedDbStore("a")
    expect(await next.load("a/1")).toBeNull()
    expect(await next.nextEpoch(1)).toEqual({ epoch: 8, forgotten: 7 })
  })
})

describe("without IndexedDB (case 13)", () => {
  it("loading has failed, which is not the same as no row (engine rule 15)", async () => {
    refuseToOpen()
    const store = new IndexedDbStore("a")
    expect(await store.load("a/1")).toBe("failed")
    expect(store).toMatchObject({ kind: "memory", error: "SecurityError" })
  })

  it("rows are kept in memory, and forgotten at log-out", async () => {
    refuseToOpen()
    const store = new IndexedDbStore("a")
    await store.save("a/1", row(1), null)
    await store.save("a/1", row(2), row(1))
    expect(await store.load("a/1")).toEqual(row(2))
    expect(await store.load("a/2")).toBe("failed")
    await store.forget(1)
    expect(await store.load("a/1")).toBe("failed")
  })

  it("nothing rejects when a transaction fails, as with a full disk", async () => {
    const store = new IndexedDbStore("a")
    await store.save("a/1", row(1), null)
    fillDisk()
    await store.save("a/1", row(2), row(1))
    expect(store).toMatchObject({ kind: "memory", error: "QuotaExceededError" })
    expect(await store.load("a/1")).toEqual(row(2))
    expect(await store.nextEpoch(7)).toEqual({ epoch: 7, forgotten: 0 })
  })

  it("rows go back to the database by themselves when it works again, and out of memory", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const store = new IndexedDbStore("a")
    const full = fillDisk()
    await store.save("a/1", row(1), null)
    await store.save("a/2", row(1), null)
    await store.save("a/1", row(2), row(1))
    full.mockRestore()
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
    await vi.waitFor(async () => expect(await new IndexedDbStore("a").load("a/1")).toEqual(row(2)))
    await vi.waitFor(async () => expect(await new IndexedDbStore("a").load("a/2")).toEqual(row(1)))
    expect(store).toMatchObject({ kind: "indexeddb", error: null })
    await put("a/1", row(3))
    expect(await store.load("a/1")).toEqual(row(3))
  })

  it("is over when it is back, also if there is nothing to write", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const open = refuseToOpen()
    const store = new IndexedDbStore("a")
    await store.load("a/1")
    open.mockRestore()
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(store.kind).toBe("indexeddb"))
  })

  it("what another hub wrote meanwhile stays, when it works again", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const store = new IndexedDbStore("a")
    const open = refuseToOpen()
    await store.save("a/1", row(2), row(1))
    open.mockRestore()
    await new IndexedDbStore("a").save("a/1", row(1, { epoch: 9 }), null)
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(store.kind).toBe("indexeddb"))
    expect(await store.load("a/1")).toEqual(row(1, { epoch: 9 }))
    expect(await store.save("a/1", row(3), row(2))).toEqual(row(1, { epoch: 9 }))
  })
})

describe("a database that is lost for good (case 13)", () => {
  it("is told, so that the tabs can move to another worker", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const opened = watchConnections()
    const store = new IndexedDbStore("a")
    await store.load("a/1")
    opened[0]?.close()
    vi.restoreAllMocks()
    refuseToOpen("UnknownError")
    await store.save("a/1", row(1), null)
    await vi.advanceTimersByTimeAsync(1_000)
    await store.lost
    expect(store.kind).toBe("memory")
  })
})
