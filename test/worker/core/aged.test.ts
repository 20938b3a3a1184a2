import { beforeEach, describe, expect, it } from "vitest"
import { Aged } from "../../../worker/core/aged.ts"

let aged: Aged

beforeEach(() => {
  aged = new Aged()
})

function add(...ids: string[]): void {
  for (const id of ids) aged.add(id, Number(id) * 10)
}

describe("ids with a time each", () => {
  it("are known with their time until they are deleted", () => {
    add("1", "2")
    expect([aged.size, aged.has("1"), aged.time("2"), aged.time("3")]).toEqual([2, true, 20, undefined])
    aged.delete("1")
    expect([aged.size, aged.has("1"), aged.time("1")]).toEqual([1, false, undefined])
  })

  it("come oldest first", () => {
    add("3", "1", "2")
    expect([...aged]).toEqual([
      ["3", 30],
      ["1", 10],
      ["2", 20],
    ])
    expect([...aged.ids()]).toEqual(["3", "1", "2"])
  })

  it("have an oldest, also when the oldest is deleted, or one behind it, and when more come", () => {
    expect(aged.oldest).toBeUndefined()
    add("1", "2", "3")
    expect([aged.oldest, aged.oldest]).toEqual(["1", "1"])
    aged.delete("2")
    expect(aged.oldest).toBe("1")
    aged.delete("1")
    expect(aged.oldest).toBe("3")
    aged.delete("3")
    expect(aged.oldest).toBeUndefined()
    add("4")
    expect(aged.oldest).toBe("4")
  })

  it("is the youngest when it comes again", () => {
    add("1", "2")
    expect(aged.oldest).toBe("1")
    aged.delete("1")
    add("1")
    expect(aged.oldest).toBe("2")
  })

  it("begin anew when they are cleared", () => {
    add("1", "2")
    expect(aged.oldest).toBe("1")
    aged.clear()
    expect([aged.size, aged.oldest]).toEqual([0, undefined])
    add("3")
    expect(aged.oldest).toBe("3")
  })

  it("lose their oldest a hundred thousand times", () => {
    for (let n = 0; n < 100_000; n++) {
      aged.add(String(n), n)
      if (aged.size > 10) aged.delete(aged.oldest ?? "")
    }
    expect([...aged.ids()]).toEqual([
      "99990",
      "99991",
      "99992",
      "99993",
      "99994",
      "99995",
      "99996",
      "99997",
      "99998",
      "99999",
    ])
  })
})
