// Sentences that do not hold yet; each moves to cursor-store.test.ts once it does.

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

function row(n: number): Row {
  return { v: 1, position: { after: `${n}`, seen: [] }, epoch: 1, n }
}

describe("without IndexedDB", () => {
  it("rows in memory keep the order of their writing too (engine rule 14)", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", "SecurityError")
    })
    const store = new IndexedDbStore()
    await store.save("a/1", row(2))
    await store.save("a/1", row(1))
    expect(await store.load("a/1")).toEqual(row(2))
  })
})

describe("a database that does not answer", () => {
  it("is not opened anew for every row: those connections would pile up for ever (promise 8)", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => new IDBOpenDBRequest())
    const store = new IndexedDbStore()
    for (let n = 1; n <= 20; n++) {
      const saved = store.save("a/1", row(n))
      await vi.advanceTimersByTimeAsync(2_000)
      await saved
    }
    expect(open.mock.calls.length).toBeLessThanOrEqual(4)
  })
})
