import { beforeEach, describe, expect, it } from "vitest"
import {
  Log,
  LOG_BYTES,
  LOG_ENTRIES,
  weight,
  type Entry,
  type LiveEntry,
  type Move,
  type PageEntry,
} from "../../../worker/core/log.ts"

let evicted: Entry[]
let log: Log

beforeEach(() => {
  evicted = []
  log = new Log(entry => evicted.push(entry))
})

const ROOMY = { entries: 10_000, bytes: 100_000_000 }

function live(id: string, text = `"${id}"`): LiveEntry {
  return { type: "live", id, text, taken: false }
}

function page(ids: readonly string[], move: Move | null = null, text = "page"): PageEntry {
  return { type: "page", unknown: ids, move, text, taken: false }
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}`)
}

describe("a log", () => {
  it("numbers its entries from 0 on", () => {
    expect([log.first, log.next]).toEqual([0, 0])
    expect(log.append(live("a"))).toBe(0)
    expect(log.append(live("b"))).toBe(1)
    expect([log.first, log.next]).toEqual([0, 2])
    expect(log.at(1)).toMatchObject({ id: "b" })
    expect(log.at(2)).toBeUndefined()
  })

  it("counts a page as many entries as it brings messages, and an empty one as one", () => {
    expect(weight(page(ids(3)))).toBe(3)
    expect(weight(page(ids(1)))).toBe(1)
    expect(weight(page([]))).toBe(1)
    expect(weight(live("a"))).toBe(1)
    expect(weight({ type: "state", move: null, text: "" })).toBe(1)
  })

  it("says how many messages and characters it holds", () => {
    log.append(live("a", "12345"))
    log.append(page(ids(3), null, "123"))
    expect(log.size).toEqual({ entries: 4, bytes: 8 })
  })
})

describe("a log's bounds (promise 8)", () => {
  it("are a thousand messages: the oldest leaves, and its number with it", () => {
    for (const id of ids(LOG_ENTRIES)) log.append(live(id))
    expect(evicted).toEqual([])
    expect(log.append(live("last"))).toBe(1_000)
    expect(evicted).toMatchObject([{ id: "0" }])
    expect([log.first, log.next]).toEqual([1, 1_001])
    expect(log.at(1)).toMatchObject({ id: "1" })
    expect(log.at(1_000)).toMatchObject({ id: "last" })
    expect(log.size.entries).toBe(1_000)
  })

  it("are two Mi characters", () => {
    log.append(live("a", "x".repeat(LOG_BYTES / 2)))
    log.append(live("b", "x".repeat(LOG_BYTES / 2)))
    expect(evicted).toEqual([])
    log.append(live("c", "x"))
    expect(evicted).toMatchObject([{ id: "a" }])
    expect(log.size).toEqual({ entries: 2, bytes: LOG_BYTES / 2 + 1 })
  })

  it("hold for ever: after many thousand messages every seq still finds its entry", () => {
    for (const id of ids(5_500)) log.append(live(id))
    expect([log.first, log.next]).toEqual([4_500, 5_500])
    for (const seq of [4_500, 4_501, 5_000, 5_499]) expect(log.at(seq)).toMatchObject({ id: `${seq}` })
    expect(evicted).toHaveLength(4_500)
    expect(log.read(5_498, ROOMY)).toMatchObject({ to: 5_500, text: '["5498","5499"]' })
  })

  it("never cut the newest page, however large: one that is cut up could never be taken (engine rule 6)", () => {
    log.append(page(ids(3_000), null, "x".repeat(3 * LOG_BYTES)))
    expect(evicted).toEqual([])
    for (const id of ids(LOG_ENTRIES)) log.append(live(id))
    expect(evicted).toEqual([])
    log.append(live("last"))
    expect(evicted.map(entry => entry.type)).toEqual(["page", "live"])
    expect(log.size.entries).toBe(1_000)
  })

  it("count an older page like everything else", () => {
    log.append(page(ids(600)))
    log.append(page(ids(600)))
    expect(evicted).toEqual([])
    log.append(live("a"))
    log.append(page(ids(600)))
    expect(evicted).toHaveLength(1)
    expect(log.size.entries).toBe(1_201)
  })

  it("evict as many as it takes", () => {
    for (const id of ids(10)) log.append(live(id))
    log.append(live("large", "x".repeat(LOG_BYTES)))
    expect(evicted).toHaveLength(10)
    expect(log.first).toBe(10)
  })
})

describe("room for messages that wait to enter the log", () => {
  it("is taken from its capacity", () => {
    for (const id of ids(LOG_ENTRIES)) log.append(live(id))
    expect(log.reserve(3, 3)).toBe(true)
    expect(log.first).toBe(3)
    log.append(live("a"))
    expect(log.first).toBe(4)
    expect(log.reserve(0, 0)).toBe(true)
    log.append(live("b"))
    expect(log.first).toBe(4)
  })

  it("is taken in characters too", () => {
    log.append(live("a", "x".repeat(100)))
    log.append(live("b", "x".repeat(100)))
    expect(log.reserve(1, LOG_BYTES - 200)).toBe(true)
    expect(evicted).toEqual([])
    expect(log.reserve(1, LOG_BYTES - 199)).toBe(true)
    expect(evicted).toMatchObject([{ id: "a" }])
  })

  it("may be all of it, and no more; an empty log has nothing left to give", () => {
    log.append(live("a"))
    expect(log.reserve(1_000, 1)).toBe(true)
    expect([log.first, log.next]).toEqual([1, 1])
    expect(log.reserve(1_001, 1)).toBe(false)
    expect(log.reserve(1, LOG_BYTES)).toBe(true)
    expect(log.reserve(1, LOG_BYTES + 1)).toBe(false)
    expect([log.first, log.next]).toEqual([1, 1])
  })
})

describe("a run of entries", () => {
  it("is their texts, up to the end of the log", () => {
    for (const id of ["a", "b", "c"]) log.append(live(id))
    expect(log.read(1, ROOMY)).toEqual({ to: 3, text: '["b","c"]', entries: 2, move: null, start: null })
  })

  it("ends where the room for messages ends", () => {
    for (const id of ["a", "b", "c"]) log.append(live(id))
    expect(log.read(0, { entries: 2, bytes: 1_000 })).toMatchObject({ to: 2, entries: 2 })
    log.append(page(ids(3)))
    expect(log.read(2, { entries: 3, bytes: 1_000 })).toMatchObject({ to: 3, entries: 1 })
    expect(log.read(2, { entries: 4, bytes: 1_000 })).toMatchObject({ to: 4, entries: 4 })
  })

  it("ends where the room for characters ends, commas included", () => {
    for (const id of ["a", "b", "c"]) log.append(live(id))
    expect(log.read(0, { entries: 9, bytes: 6 })).toMatchObject({ to: 1, text: '["a"]' })
    expect(log.read(0, { entries: 9, bytes: 7 })).toMatchObject({ to: 2, text: '["a","b"]' })
    expect(log.read(0, { entries: 9, bytes: 10 })).toMatchObject({ to: 2 })
    expect(log.read(0, { entries: 9, bytes: 11 })).toMatchObject({ to: 3 })
  })

  it("is at least one entry, or it would never go out, unless the batch holds something already", () => {
    log.append(page(ids(300)))
    log.append(live("a"))
    expect(log.read(0, { entries: 1, bytes: 1 })).toMatchObject({ to: 1, entries: 300 })
    expect(log.read(0, { entries: 1, bytes: 1, isBegun: true })).toMatchObject({ to: 0, text: "[]" })
    expect(log.read(0, { entries: 301, bytes: 90, isBegun: true })).toMatchObject({ to: 2 })
  })

  it("carries the last move of a page among its entries (engine rule 10)", () => {
    log.append(live("a"))
    log.append(page([], { after: "1", covered: [] }))
    log.append({ type: "state", move: { after: "2", covered: [] }, text: "s" })
    log.append({ type: "state", move: null, text: "s" })
    log.append(live("b"))
    expect(log.read(0, ROOMY)).toMatchObject({ move: { after: "1" }, start: { after: "2" } })
    expect(log.read(0, { entries: 2, bytes: 1_000 })).toMatchObject({ move: { after: "1" }, start: null })
    expect(log.read(0, { entries: 1, bytes: 1_000 })).toMatchObject({ move: null, start: null })
    expect(log.read(3, ROOMY)).toMatchObject({ move: null, start: null })
  })

  it("forgets where somebody begins when a page follows", () => {
    log.append({ type: "state", move: { after: "2", covered: [] }, text: "s" })
    log.append(page([], { after: "3", covered: [] }))
    expect(log.read(0, ROOMY)).toMatchObject({ move: { after: "3" }, start: null })
  })

  it("is the very same object for tabs in lockstep: the characters are there once", () => {
    for (const id of ["a", "b", "c"]) log.append(live(id))
    const slice = log.read(1, { entries: 9, bytes: 90 })
    expect(log.read(1, { entries: 9, bytes: 90 })).toBe(slice)
  })

  it("is read anew for another place, another room, or a longer log", () => {
    for (const id of ["a", "b", "c"]) log.append(live(id))
    const room = { entries: 2, bytes: 90 }
    log.read(0, room)
    expect(log.read(1, room).text).toBe('["b","c"]')
    expect(log.read(1, { ...room, entries: 1 }).text).toBe('["b"]')
    expect(log.read(1, { ...room, bytes: 4 }).text).toBe('["b"]')
    expect(log.read(2, { ...room, entries: 0, isBegun: true }).text).toBe("[]")
    expect(log.read(2, { ...room, entries: 0 }).text).toBe('["c"]')
    expect(log.read(2, room).text).toBe('["c"]')
    log.append(live("d"))
    expect(log.read(2, room).text).toBe('["c","d"]')
  })
})
