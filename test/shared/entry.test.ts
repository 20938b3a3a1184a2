import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { identify, identifyItem, readPath, type MessageShape } from "../../shared/entry.ts"

const shape: MessageShape = { id: "id", at: "created_at", only: null }
const EPHEMERAL = { id: null, at: null, mangled: false }

describe("a live message", () => {
  it("is known by its id, numbers written as text", () => {
    expect(identify({ id: 42 }, shape)).toEqual({ id: "42", at: null, mangled: false })
    expect(identify({ id: "0042" }, shape)).toEqual({ id: "0042", at: null, mangled: false })
    expect(identify({ id: 0 }, shape)).toMatchObject({ id: "0" })
    expect(identify({ id: -7 }, shape)).toMatchObject({ id: "-7" })
  })

  it("is ephemeral without an id that could be one", () => {
    for (const id of [undefined, null, "", true, {}, [1]]) expect(identify({ id }, shape)).toEqual(EPHEMERAL)
  })

  it("is ephemeral when it is not an object", () => {
    for (const message of [null, undefined, 0, false, "", "typing", [{ id: 1 }]]) {
      expect(identify(message, shape)).toEqual(EPHEMERAL)
    }
  })

  it("is mangled when JSON could not keep its number, because another message may have the same", () => {
    for (const id of [2 ** 53, -(2 ** 53), 1e300, 1.5]) {
      expect(identify({ id }, shape)).toEqual({ id: null, at: null, mangled: true })
    }
    expect(identify({ id: 2 ** 53 - 1 }, shape)).toMatchObject({ id: "9007199254740991", mangled: false })
    expect(identify({ id: "9007199254740993" }, shape)).toMatchObject({ id: "9007199254740993", mangled: false })
  })

  it("has its id and time where the application says they are", () => {
    const nested: MessageShape = { id: "message.id", at: "message.sent.at", only: null }
    const message = { id: "outer", message: { id: "7", sent: { at: "2026-01-02T03:04:05.678Z" } } }
    expect(identify(message, nested)).toEqual({
      id: "7",
      at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      mangled: false,
    })
  })

  it("needs no time where its id is a number that tells the order", () => {
    const at = (id: number | string) => identify({ id, created_at: 1_795_337_486_123 }, shape).at
    for (const id of [0, 42, 999_999_999_999_999]) expect(at(id)).toBeNull()
    for (const id of [-1, 1_000_000_000_000_000, "42", "b3f1"]) expect(at(id)).toBe(1_795_337_486_123)
  })

  it("has an id only if it is of the kind that is persisted", () => {
    const only = { ...shape, only: { type: "message", "sender.kind": "agent" } }
    expect(identify({ id: 1, type: "message", sender: { kind: "agent" } }, only)).toMatchObject({ id: "1" })
    expect(identify({ id: 1, type: "message", sender: { kind: "bot" } }, only)).toEqual(EPHEMERAL)
    expect(identify({ id: 1, type: "typing", sender: { kind: "agent" } }, only)).toEqual(EPHEMERAL)
    expect(identify({ id: 1 }, only)).toEqual(EPHEMERAL)
  })

  it("of the wrong kind is ephemeral even where its number is mangled", () => {
    expect(identify({ id: 2 ** 60, type: "typing" }, { ...shape, only: { type: "message" } })).toEqual(EPHEMERAL)
  })
})

describe("an item of a caught-up page", () => {
  it("has an id whatever its kind: the endpoint returns persisted messages only", () => {
    const only = { ...shape, only: { type: "message" } }
    expect(identifyItem({ id: 1, type: "note" }, only)).toMatchObject({ id: "1" })
  })

  it("has none when it is not an object", () => {
    expect(identifyItem("x", shape)).toEqual(EPHEMERAL)
    expect(identifyItem(null, shape)).toEqual(EPHEMERAL)
  })
})

describe("a message's time", () => {
  const at = (created_at: unknown) => identifyItem({ id: 1, created_at }, shape).at

  it("is read from a date string, with or without an offset", () => {
    expect(at("2026-01-02T03:04:05Z")).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expect(at("2026-01-02T03:04:05.678+02:00")).toBe(Date.UTC(2026, 0, 2, 1, 4, 5, 678))
    expect(at("2026-01-02 03:04:05 UTC")).toBe(Date.UTC(2026, 0, 2, 3, 4, 5)) // Time#to_s
  })

  it("is read from seconds and from milliseconds", () => {
    expect(at(1_795_337_486)).toBe(1_795_337_486_000)
    expect(at(1_795_337_486.25)).toBe(1_795_337_486_250)
    expect(at(1_795_337_486_123)).toBe(1_795_337_486_123)
  })

  it("is unknown where there is none", () => {
    for (const time of [undefined, null, "", "yesterday", true, {}]) expect(at(time)).toBeNull()
  })
})

describe("a path", () => {
  it("leads through records only, and nowhere else throws", () => {
    expect(readPath({ a: { b: { c: 0 } } }, "a.b.c")).toBe(0)
    expect(readPath({ a: [{ b: 1 }] }, "a.0.b")).toBeUndefined()
    expect(readPath({ a: null }, "a.b")).toBeUndefined()
    expect(readPath("text", "length")).toBeUndefined()
    expect(readPath({ "a.b": 1 }, "a.b")).toBeUndefined()
  })

  it("never throws, for any message and any path", () => {
    const paths = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor.name", ".", "a..b"))
    fc.assert(
      fc.property(fc.jsonValue(), paths, (message, path) => {
        expect(typeof identify(message, { id: path, at: path, only: { [path]: 1 } }).mangled).toBe("boolean")
      }),
    )
  })
})
