import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sha256 } from "../../shared/sha256.ts"

describe("SHA-256", () => {
  it("is that of FIPS 180-4", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  })

  it("is that of everybody else, for any text of any length", () => {
    const lengths = [54, 55, 56, 57, 63, 64, 65, 119, 120, 1_000].map(length => "ü".repeat(length))
    const theirs = (text: string) => createHash("sha256").update(text).digest("hex")
    for (const text of lengths) expect(sha256(text)).toBe(theirs(text))
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), text => sha256(text) === theirs(text)))
  })
})
