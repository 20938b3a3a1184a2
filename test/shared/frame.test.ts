import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isRecord, messageHead, parseFrame, readMessage, type ServerFrame } from "../../shared/frame.ts"

const LIMIT = 1_048_576
const CHAT = '{"channel":"ChatChannel","id":42}'

/** Parses what a server would write. */
const parse = (frame: unknown) => parseFrame(JSON.stringify(frame), LIMIT)

describe("a control frame", () => {
  it("welcomes", () => {
    expect(parse({ type: "welcome" })).toEqual({ type: "welcome" })
  })

  it("pings with the server's time, turned from seconds into milliseconds", () => {
    expect(parse({ type: "ping", message: 1_795_337_486 })).toEqual({ type: "ping", at: 1_795_337_486_000 })
  })

  it("pings without a time where the server has none to tell", () => {
    expect(parse({ type: "ping" })).toEqual({ type: "ping", at: null })
    expect(parse({ type: "ping", message: "now" })).toEqual({ type: "ping", at: null })
  })

  it("confirms and rejects one identifier, kept to the letter", () => {
    const odd = '{"id":42,  "channel":"ChatChannel"}'
    expect(parse({ identifier: odd, type: "confirm_subscription" })).toEqual({ type: "confirmed", identifier: odd })
    expect(parse({ identifier: odd, type: "reject_subscription" })).toEqual({ type: "rejected", identifier: odd })
  })

  it("disconnects with its reason, for good only when it says so", () => {
    expect(parse({ type: "disconnect", reason: "unauthorized", reconnect: false })).toEqual({
      type: "disconnect",
      reason: "unauthorized",
      reconnect: false,
    })
    expect(parse({ type: "disconnect", reason: "server_restart", reconnect: true })).toMatchObject({ reconnect: true })
    expect(parse({ type: "disconnect" })).toEqual({ type: "disconnect", reason: "unknown", reconnect: true })
  })

  it("never counts as a message, even when it carries one", () => {
    expect(parse({ identifier: CHAT, type: "confirm_subscription", message: { id: 1 } }).type).toBe("confirmed")
    expect(parse({ identifier: CHAT, type: "surprise", message: { id: 1 } }).type).toBe("malformed")
  })
})

describe("a message frame", () => {
  it("carries any JSON value, the falsy ones and bare strings included", () => {
    for (const message of [null, false, 0, "", "typing", [], {}, { id: 1 }]) {
      expect(parse({ identifier: CHAT, message })).toEqual({
        type: "message",
        identifier: CHAT,
        message,
        json: JSON.stringify(message),
      })
    }
  })

  it("is not misled by an identifier that spells a message", () => {
    const identifier = '{"channel":"x","message":"},"message":1}'
    expect(parse({ identifier, message: { id: 7 } })).toMatchObject({ identifier, json: '{"id":7}' })
  })

  it("is not misled by a message within the message", () => {
    const message = { message: { message: 1 }, identifier: "x" }
    expect(parse({ identifier: CHAT, message })).toMatchObject({ message, json: JSON.stringify(message) })
  })

  it.each([
    ["another key after the message", `{"identifier":"a","message":1,"stream_id":"s"}`],
    ["another key before the message", `{"identifier":"a","offset":{"message":2},"message":1}`],
    ["the message first", `{"message":1,"identifier":"a"}`],
    ["spaces between the tokens", ` { "identifier" : "a" , "message" : 1 } `],
    ["the message twice, where the last one counts", `{"identifier":"a","message":2,"message":1}`],
    ["the identifier twice, where the last one counts", `{"identifier":"b","message":1,"identifier":"a"}`],
    ["an escaped key, which is a message too", `{"identifier":"a","message":2,"\\u006dessage":1}`],
    ["an escaped key before a message within", `{"identifier":"b","\\u006dessage":{"x":1,"message":1},"message":1}`],
  ])("has one message and its text with %s", (_, raw) => {
    expect(parseFrame(raw, LIMIT)).toMatchObject({ type: "message", message: 1, json: "1" })
  })

  it("whose key is escaped still has its own text", () => {
    const raw = `{"identifier":"a","\\u006dessage":{"x":1,"message":2}}`
    expect(parseFrame(raw, LIMIT)).toMatchObject({ message: { x: 1, message: 2 }, json: '{"x":1,"message":2}' })
  })
})

/** A frame with its message's text read. */
const withoutText = (frame: ServerFrame) =>
  frame.type === "message" ? { ...frame, json: JSON.parse(frame.json) as unknown } : frame

describe("whatever a server writes as a message", () => {
  // The protocol's own words, nested: what a search in the text could stumble over. No key ends in a backslash: once V8
  // 13.6 has met such a key, its JSON.parse may take another that goes on with an escaped quote for the same.
  const keys = fc.constantFrom("message", "identifier", ',"message":', '"', "\\}", "<b>", "\u2028", "\ud800")
  const leaf = fc.oneof(
    keys,
    fc.string({ unit: "binary" }),
    fc.double({ noNaN: true }),
    fc.constantFrom(true, false, null),
  )
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(leaf, fc.dictionary(keys, tie("value"), { maxKeys: 3 }), fc.array(tie("value"), { maxLength: 2 })),
  }))
  const text = fc
    .tuple(value, fc.constantFrom(undefined, 1))
    .map(([json, indent]) => JSON.stringify(json, null, indent))
  const space = fc.constantFrom("", "", " ", "\r\n")
  const key = fc.constantFrom('"identifier"', '"message"', '"stream_id"', '"\\u006dessage"', '"identifie\\u0072"')
  const member = fc.tuple(space, key, space, fc.constant(":"), space, text, space).map(parts => parts.join(""))

  it("its text reads as the message, whatever the keys, their order and spacing, and however often they come", () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 3 }), fc.string({ unit: "binary" }), text, (members, name, text) => {
        for (const plain of [[`"identifier":${JSON.stringify(name)}`, `"message":${text}`], []]) {
          const raw = `{${[...plain, ...members].join(",")}}`
          const frame = parseFrame(raw, LIMIT)
          const { identifier, message } = JSON.parse(raw) as Record<string, unknown>
          const isMessage = typeof identifier === "string" && message !== undefined
          expect(withoutText(frame)).toEqual(
            isMessage ? { type: "message", identifier, message, json: message } : { type: "malformed", why: "shape" },
          )
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it("its own text is read, where the frame is as Rails writes it", () => {
    fc.assert(
      fc.property(text, fc.string({ unit: "binary" }), (json, identifier) => {
        const raw = `{"identifier":${JSON.stringify(identifier)},"message":${json}}`
        expect(readMessage(raw, messageHead(identifier), LIMIT)).toEqual({ message: JSON.parse(json) as unknown, json })
      }),
    )
  })

  it("is left to others as soon as any key comes behind the message", () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 3 }), fc.string({ unit: "binary" }), text, (members, name, json) => {
        const raw = `{${[`"identifier":${JSON.stringify(name)}`, `"message":${json}`, ...members].join(",")}}`
        const message: unknown = JSON.parse(json)
        expect(readMessage(raw, messageHead(name), LIMIT)).toEqual(members.length === 0 ? { message, json } : null)
      }),
      { numRuns: 2_000 },
    )
  })

  it("is left to others when it is for another identifier, too long, or no text", () => {
    const raw = JSON.stringify({ identifier: "a", message: 1 })
    expect(readMessage(raw, messageHead("a"), raw.length)).toEqual({ message: 1, json: "1" })
    expect(readMessage(raw, messageHead("a"), raw.length - 1)).toBeNull()
    expect(readMessage(raw, messageHead("b"), LIMIT)).toBeNull()
    expect(readMessage(`${raw} `, messageHead("a"), LIMIT)).toBeNull()
    expect(readMessage(new ArrayBuffer(8), messageHead("a"), LIMIT)).toBeNull()
  })
})

describe("what is not a frame", () => {
  it("is told by what is wrong with it", () => {
    expect(parseFrame("{", LIMIT)).toEqual({ type: "malformed", why: "json" })
    expect(parseFrame("", LIMIT)).toEqual({ type: "malformed", why: "json" })
    expect(parseFrame(new ArrayBuffer(8), LIMIT)).toEqual({ type: "malformed", why: "shape" })
    expect(parseFrame(undefined, LIMIT)).toEqual({ type: "malformed", why: "shape" })
  })

  it.each([
    "null",
    "1",
    '"welcome"',
    "[]",
    '[{"type":"welcome"}]',
    "{}",
    '{"type":1}',
    '{"type":"confirm_subscription"}',
  ])("is malformed as %s", raw => {
    expect(parseFrame(raw, LIMIT)).toEqual({ type: "malformed", why: "shape" })
  })

  it("is malformed without an identifier or without a message", () => {
    expect(parse({ message: 1 })).toEqual({ type: "malformed", why: "shape" })
    expect(parse({ identifier: { channel: "x" }, message: 1 })).toEqual({ type: "malformed", why: "shape" })
    expect(parse({ identifier: CHAT })).toEqual({ type: "malformed", why: "shape" })
  })

  it("is not even read when it is longer than allowed", () => {
    const raw = JSON.stringify({ identifier: CHAT, message: "x".repeat(100) })
    expect(parseFrame(raw, raw.length)).toMatchObject({ type: "message" })
    expect(parseFrame(raw, raw.length - 1)).toEqual({ type: "malformed", why: "size" })
    expect(parseFrame("{".repeat(100), 10)).toEqual({ type: "malformed", why: "size" })
  })

  it("never throws, whatever arrives", () => {
    const fragments = fc.constantFrom(
      "{",
      "}",
      '"',
      ":",
      ",",
      "\\",
      '"type"',
      '"message"',
      '"identifier"',
      "1",
      "null",
      " ",
    )
    const anything = fc.oneof(
      fc.anything(),
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.array(fragments, { maxLength: 12 }).map(parts => parts.join("")),
    )
    fc.assert(
      fc.property(anything, raw => {
        expect(["welcome", "ping", "confirmed", "rejected", "disconnect", "message", "malformed"]).toContain(
          withoutText(parseFrame(raw, LIMIT)).type,
        )
      }),
      { numRuns: 2_000 },
    )
  })
})

describe("a record", () => {
  it("is an object, and neither null nor an array", () => {
    expect(isRecord({})).toBe(true)
    for (const value of [null, undefined, [], "x", 1]) expect(isRecord(value)).toBe(false)
  })
})
