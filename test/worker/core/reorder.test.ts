import { beforeEach, describe, expect, it } from "vitest"
import { Reorder } from "../../../worker/core/reorder.ts"

let reorder: Reorder

beforeEach(() => {
  reorder = new Reorder()
})

function add(id: string | null, until = 10, at: number | null = null): void {
  reorder.add({ type: "live", id, text: "text", taken: false }, { id, at, mangled: false }, until)
}

function due(now: number): (string | null)[] {
  return reorder.due(now).map(({ id }) => id)
}

describe("messages that wait to be sorted", () => {
  it("go out when their time has come, and not before", () => {
    add("1", 10)
    add("2", 20)
    expect(reorder.next).toBe(10)
    expect(reorder.count).toBe(2)
    expect(due(9)).toEqual([])
    expect(due(10)).toEqual(["1"])
    expect(reorder.next).toBe(20)
    expect(due(20)).toEqual(["2"])
    expect(reorder.next).toBeNull()
    expect(reorder.count).toBe(0)
  })

  it("take with them what the server's order puts before them, though it came later", () => {
    add("3", 10)
    add("1", 11)
    add("4", 12)
    add("2", 13)
    expect(due(10)).toEqual(["1", "2", "3"])
    expect(reorder.next).toBe(12)
  })

  it("are sorted by integer ids where all have one: as numbers, of up to 15 digits", () => {
    add("100")
    add("99")
    add("999999999999999")
    add("0")
    expect(due(10)).toEqual(["0", "99", "100", "999999999999999"])
  })

  it("are sorted by time where not all have one, and ids that are longer are none", () => {
    add("2000000000000001", 10, 3)
    add("2000000000000000", 10, 1)
    add("5", 10, 2)
    expect(due(10)).toEqual(["2000000000000000", "5", "2000000000000001"])
  })

  it("are sorted by integer ids and not by time where they have both", () => {
    add("2", 10, 1)
    add("1", 10, 2)
    expect(due(10)).toEqual(["1", "2"])
  })

  it("stay as they came where neither order can be known of all", () => {
    add("b", 10, 2)
    add("1", 10, null)
    add("a", 10, 1)
    add(null)
    expect(due(10)).toEqual(["b", "1", "a", null])
  })

  it("stay as they came where the order is the same", () => {
    add("b", 10, 7)
    add("a", 10, 7)
    expect(due(10)).toEqual(["b", "a"])
  })

  it("do not take -1, 1.5 or x1 for integers", () => {
    for (const [id, at] of [
      ["-1", 3],
      ["1.5", 2],
      ["x1", 1],
      ["1x", 0],
    ] as const)
      add(id, 10, at)
    expect(due(10)).toEqual(["1x", "x1", "1.5", "-1"])
  })

  it("are a thousand at most: what has no room to wait goes out, first in the server's order", () => {
    for (let id = 1_000; id > 0; id--) add(`${id}`)
    expect(due(0)).toEqual([])
    add("0")
    add("2000")
    expect(due(0)).toEqual(["0", "1"])
    expect(reorder.count).toBe(1_000)
  })
})
