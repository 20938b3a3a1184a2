import { beforeEach, describe, expect, it } from "vitest"
import { IdWindow } from "../../shared/id-window.ts"

let window: IdWindow

beforeEach(() => {
  window = new IdWindow(3)
})

describe("a window of ids", () => {
  it("remembers as many as it was made for, and a generation of at most 2,048 more", () => {
    const wide = new IdWindow(8_192)
    for (let n = 1; n <= 8_192 + 2_048; n++) wide.add(String(n))
    expect([wide.size, wide.has("1")]).toEqual([10_240, true])
    wide.add("one more")
    expect([wide.size, wide.has("1"), wide.has("2048"), wide.has("2049")]).toEqual([8_193, false, false, true])
  })

  it("forgets a whole generation at once", () => {
    for (const id of ["1", "2", "3", "4", "5", "6"]) window.add(id)
    expect(["1", "2", "3", "4", "5", "6"].every(id => window.has(id))).toBe(true)
    window.add("7")
    expect(["1", "2", "3"].some(id => window.has(id))).toBe(false)
    expect(["4", "5", "6", "7"].every(id => window.has(id))).toBe(true)
  })

  it("knows what it was given, in whatever order and of whatever length", () => {
    const ids = ["9", "10", "b", "a", "100", "ab", "B", "99", "é", "1"]
    const wide = new IdWindow(100)
    for (const [n, id] of ids.entries()) {
      expect(wide.has(id)).toBe(false)
      wide.add(id)
      expect(ids.map(each => wide.has(each))).toEqual(ids.map((_, other) => other <= n))
    }
  })

  it("knows nothing that it was not given, and nothing once it is cleared", () => {
    expect(window.has("1")).toBe(false)
    for (const id of ["1", "2", "3", "4"]) window.add(id)
    window.clear()
    expect(["1", "4"].some(id => window.has(id))).toBe(false)
  })
})
