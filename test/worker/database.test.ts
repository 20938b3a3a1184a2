import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Database, type Connection } from "../../worker/database.ts"
import {
  fillDisk,
  forceClose,
  installIndexedDb,
  openNever,
  refuseToOpen,
  watchConnections,
} from "./support/indexed-db.ts"

const TIME = ["setTimeout", "clearTimeout", "performance"] as const

let told: string[]

beforeEach(() => {
  installIndexedDb()
  told = []
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function database(): Database {
  return new Database({ retry: () => told.push("retry"), lost: () => told.push("lost") })
}

const count = (db: Connection) => db.transaction("cursors").store.count()
const write = (db: Connection) => db.transaction("epochs", "readwrite").store.put(1, "hub")
const outcome = (used: Promise<unknown>) => used.catch((error: Error) => error.name)

describe("a database", () => {
  it("is opened once, by whoever uses it first", async () => {
    const opened = watchConnections()
    const own = database()
    expect(own).toMatchObject({ hasWorked: false, error: null })
    await Promise.all([own.use(count), own.use(write), own.use(count)])
    expect(opened).toHaveLength(1)
    expect(own).toMatchObject({ hasWorked: true, error: null })
  })

  it("is of version 1, whatever is in it: a higher one would wait for every old tab", async () => {
    const opened = watchConnections()
    await database().use(count)
    expect(opened[0]?.version).toBe(1)
  })

  it("is made anew where somebody opened it, just to look, before there was one", async () => {
    const empty = await new Promise<IDBDatabase>(resolve => {
      const request = indexedDB.open("trunkline")
      request.addEventListener("success", () => resolve(request.result))
    })
    empty.addEventListener("versionchange", () => empty.close())
    expect(await database().use(count)).toBe(0)
  })

  it("lets itself be deleted, and is made anew", async () => {
    const own = database()
    await own.use(write)
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase("trunkline")
      request.addEventListener("success", resolve)
      request.addEventListener("blocked", reject)
    })
    expect(await own.use(db => db.transaction("epochs").store.count())).toBe(0)
    expect(told).toEqual([])
  })
})

describe("a connection that is lost (case 13)", () => {
  it("is opened again at once: closed under our feet, as Safari does", async () => {
    const opened = watchConnections()
    const own = database()
    await own.use(write)
    opened[0]?.close()
    expect(await own.use(db => db.transaction("epochs").store.get("hub"))).toBe(1)
    expect(opened).toHaveLength(2)
    expect(own.error).toBeNull()
  })

  it("is opened again when the browser says that it is gone", async () => {
    const opened = watchConnections()
    const own = database()
    await own.use(count)
    await forceClose(opened[0] as IDBDatabase)
    await own.use(count)
    expect(opened).toHaveLength(2)
  })

  it("is opened twice more before that counts as a failure", async () => {
    const own = database()
    await own.use(count)
    const opened = watchConnections()
    let left = 2
    await own.use(async db => {
      left -= 1
      if (left >= 0) throw new DOMException("lost", "UnknownError")
      return count(db)
    })
    expect(opened).toHaveLength(2)
    expect(told).toEqual([])
  })

  it("for good is told, once: what was open once cannot be opened in two attempts, with a second between", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const own = database()
    const opened = watchConnections()
    await own.use(count)
    opened[0]?.close()
    refuseToOpen("UnknownError")
    expect(await outcome(own.use(count))).toBe("UnknownError")
    expect(told).toEqual([])
    for (let again = 0; again < 3; again++) {
      await vi.advanceTimersByTimeAsync(60_000)
      await outcome(own.use(count))
    }
    expect(told).toEqual(["retry", "lost", "retry", "retry"])
  })

  it("that was never had is not", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    refuseToOpen()
    const own = database()
    for (let again = 0; again < 3; again++) {
      await outcome(own.use(count))
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(told).toEqual(["retry", "retry", "retry"])
  })
})

describe("a failure (case 13)", () => {
  it("has a name until the next success", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const own = database()
    const full = fillDisk()
    expect(await outcome(own.use(write))).toBe("QuotaExceededError")
    expect(own.error).toBe("QuotaExceededError")
    full.mockRestore()
    await vi.advanceTimersByTimeAsync(1_000)
    await own.use(write)
    expect(own).toMatchObject({ error: null, hasWorked: true })
  })

  it("is left alone for a second, then for two, four, … sixty: nobody waits for what will fail again", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const open = refuseToOpen()
    const own = database()
    for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
      open.mockClear()
      await outcome(own.use(count))
      expect(open).toHaveBeenCalledTimes(3)
      expect(await outcome(own.use(count))).toBe("NoAnswer")
      await vi.advanceTimersByTimeAsync(pause * 1_000 - 1)
      expect(await outcome(own.use(count))).toBe("NoAnswer")
      expect(open).toHaveBeenCalledTimes(3)
      expect(told).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(told.splice(0)).toEqual(["retry"])
    }
  })

  it("of several uses at once is one", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    refuseToOpen()
    const own = database()
    await Promise.all([outcome(own.use(count)), outcome(own.use(count)), outcome(own.use(count))])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told).toEqual(["retry"])
  })

  it("is what the lack of IndexedDB is too", async () => {
    vi.stubGlobal("indexedDB", undefined)
    const own = database()
    expect(await outcome(own.use(count))).toBe("TypeError")
    vi.unstubAllGlobals()
  })
})

describe("a database that does not answer (case 13)", () => {
  it("costs a second, and is then left alone for a minute: connections that never open would pile up (promise 8)", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const open = openNever()
    const own = database()
    let answer: unknown = "nothing yet"
    void outcome(own.use(count)).then(name => (answer = name))
    await vi.advanceTimersByTimeAsync(999)
    expect(answer).toBe("nothing yet")
    await vi.advanceTimersByTimeAsync(1)
    expect(answer).toBe("NoAnswer")
    expect(open).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(told).toEqual(["retry"])
  })

  it("in the middle of a transaction costs no more", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const own = database()
    await own.use(count)
    const used = outcome(own.use(() => new Promise(() => {})))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await used).toBe("NoAnswer")
  })

  it("and opens after all is tried again at once: slow is not dead", async () => {
    vi.useFakeTimers({ toFake: [...TIME] })
    const holder = await new Promise<IDBDatabase>(resolve => {
      const request = indexedDB.open("trunkline", 1)
      request.addEventListener("success", () => resolve(request.result))
    })
    const deleted = new Promise(resolve => indexedDB.deleteDatabase("trunkline").addEventListener("success", resolve))
    const opened = watchConnections()
    const own = database()
    const used = outcome(own.use(count))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await used).toBe("NoAnswer")
    expect(opened).toEqual([])
    expect(told).toEqual([])
    holder.close()
    await deleted
    await vi.waitFor(() => expect(opened).toHaveLength(1))
    await vi.waitFor(() => expect(told).toEqual(["retry"]))
    expect(() => opened[0]?.transaction("cursors")).toThrow("not allowed") // nobody waited for that one any more
    await own.use(count)
    expect(opened).toHaveLength(2)
  })

  it("leaves no timer behind when it answers in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    await database().use(write)
    expect(vi.getTimerCount()).toBe(0)
  })
})
