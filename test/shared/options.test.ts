import { describe, expect, it } from "vitest"
import type { CableErrorCode } from "../../shared/errors.ts"
import {
  resolveConsumerOptions,
  resolveSubscriptionOptions,
  type ConsumerOptions,
  type SubscriptionOptions,
} from "../../shared/options.ts"

const BASE = "https://example.com/chats/42"
const resolve = (options: SubscriptionOptions) => resolveSubscriptionOptions(options, BASE)
const catchUp = (options: object) => resolve({ after: null, catchUp: { url: "/messages", ...options } }).catchUp

/** What an application without types may pass. */
const wrong = (options: Record<string, unknown>) => () => resolve(options)
const wrongConsumer = (options: Record<string, unknown>) => () => resolveConsumerOptions(options)

describe("a consumer's options", () => {
  it("have a default each", () => {
    expect(resolveConsumerOptions({})).toEqual({ linger: 1_000, maxFrameBytes: 1_048_576 })
  })

  it("are taken as given where they are valid", () => {
    const options: ConsumerOptions = {
      identity: "session-abc",
      identityParam: "for",
      worker: "/worker.js",
      host: "page",
      credentials: () => ({}),
      linger: 0,
      maxFrameBytes: 10,
    }
    expect(resolveConsumerOptions(options)).toEqual({ linger: 0, maxFrameBytes: 10 })
  })

  it("default where undefined is passed", () => {
    expect(wrongConsumer({ linger: undefined, identity: undefined })).not.toThrow()
  })

  it("are refused by name when nobody reads them", () => {
    expect(wrongConsumer({ lingers: 5 })).toThrow(refusal("unknown-option", /"lingers": use one of .*linger/))
  })

  it.each([
    ["identity", 42],
    ["identityParam", ""],
    ["identityParam", true],
    ["host", "service-worker"],
    ["credentials", { headers: {} }],
    ["linger", -1],
    ["linger", "1s"],
    ["linger", Number.NaN],
    ["maxFrameBytes", Infinity],
  ])("are refused with what would be right: %s = %j", (name, value) => {
    expect(wrongConsumer({ [name]: value })).toThrow(refusal("bad-option", new RegExp(`^${name} must be `)))
  })
})

describe("a subscription's options", () => {
  it("have a default each, and start at now", () => {
    expect(resolve({})).toEqual({
      start: { from: "now" },
      catchUp: null,
      message: { id: "id", at: "created_at", only: null },
      settings: { reconcileEvery: 60_000, settleFor: 5_000, holdFor: 10_000, reorderFor: 0 },
      share: true,
    })
  })

  it("are taken as given where they are valid", () => {
    const settings = { reconcileEvery: 1, settleFor: 2, holdFor: 3, reorderFor: 4 }
    const message = { id: "message.id", at: "message.at", only: { type: "message" } }
    expect(resolve({ ...settings, message, share: false })).toMatchObject({ settings, message, share: false })
  })

  it("are refused by name when nobody reads them, at every depth", () => {
    expect(wrong({ from: 1 })).toThrow(refusal("unknown-option", /knows no option "from"/))
    expect(wrong({ message: { ids: "id" } })).toThrow(refusal("unknown-option", /message knows no option "ids"/))
    expect(wrong({ after: null, catchUp: { url: "/m", method: "POST" } })).toThrow(
      refusal("unknown-option", /catchUp knows no option "method"/),
    )
  })

  it.each(["reconcileEvery", "settleFor", "holdFor", "reorderFor"])("are refused unless %s is a duration", name => {
    for (const value of [-1, "60s", Number.NaN, Infinity, null]) {
      expect(wrong({ [name]: value })).toThrow(refusal("bad-option", new RegExp(`^${name} must be a number from 0 up`)))
    }
  })

  it("are left as they were", () => {
    const options = Object.freeze({
      after: Object.freeze([1, 2]),
      catchUp: Object.freeze({ url: "/messages", params: Object.freeze({ a: 1 }), headers: Object.freeze({ b: "c" }) }),
      message: Object.freeze({ id: "uuid" }),
    })
    expect(() => resolve(options)).not.toThrow()
  })
})

describe("where a subscription starts", () => {
  const start = (after: Required<SubscriptionOptions>["after"]) =>
    resolve({ after, catchUp: { url: "/messages" } }).start

  it("is at the beginning for null and for an empty list", () => {
    expect(start(null)).toEqual({ from: "rendered", position: { after: null, seen: [] } })
    expect(start([])).toEqual({ from: "rendered", position: { after: null, seen: [] } })
  })

  it("is after an id, as a number or as text", () => {
    expect(start(42)).toEqual({ from: "rendered", position: { after: "42", seen: [] } })
    expect(start("a-1")).toEqual({ from: "rendered", position: { after: "a-1", seen: [] } })
    expect(start(0)).toEqual({ from: "rendered", position: { after: "0", seen: [] } })
  })

  it("is after the oldest of the rendered ids, of which the others are seen", () => {
    expect(start([40, "41", 43])).toEqual({ from: "rendered", position: { after: "40", seen: ["41", "43"] } })
  })

  it("is the stored cursor, or now", () => {
    expect(start("cursor")).toEqual({ from: "cursor" })
    expect(start("now")).toEqual({ from: "now" })
  })

  it.each([true, "", [""], [null], [{ id: 1 }], {}, 1.5, 2 ** 53])("is refused as %j, which is no id", after => {
    expect(wrong({ after, catchUp: { url: "/messages" } })).toThrow(refusal("bad-option", /^after must be /))
  })

  it("must be said where there is catch-up: the last id of an empty list must not quietly mean now", () => {
    const messages: { id: number }[] = []
    expect(wrong({ after: messages.at(-1)?.id, catchUp: { url: "/messages" } })).toThrow(
      refusal("catch-up-without-after", /pass `after`/),
    )
  })
})

describe("catch-up", () => {
  it("has a default for all but its URL", () => {
    expect(catchUp({})).toEqual({
      url: "https://example.com/messages",
      params: {},
      headers: {},
      cursorParam: "after_id",
      limitParam: "limit",
      limit: 200,
      timeout: 10_000,
      messages: "messages",
      hasMore: "has_more",
      cursor: "cursor",
    })
  })

  it("fits the endpoint that there is", () => {
    const names = {
      cursorParam: "since",
      limitParam: "per",
      limit: 1,
      timeout: 0,
      messages: "data.rows",
      hasMore: "data.more",
      cursor: "data.last",
      headers: { "x-session": "1" },
    }
    expect(catchUp(names)).toMatchObject(names)
  })

  it("keeps the default of what is undefined", () => {
    expect(catchUp({ cursorParam: undefined, limit: undefined })).toMatchObject({ cursorParam: "after_id", limit: 200 })
  })

  it("asks relative to the page, or where a URL says", () => {
    expect(catchUp({ url: "messages?kind=1" })?.url).toBe("https://example.com/chats/messages?kind=1")
    expect(catchUp({ url: new URL("https://api.example.com/m") })?.url).toBe("https://api.example.com/m")
  })

  it("sends parameters as text, and leaves out those without a value", () => {
    expect(catchUp({ params: { session: "s", page: 1, all: false, no: null, none: undefined } })?.params).toEqual({
      session: "s",
      page: "1",
      all: "false",
    })
  })

  it("keeps no hold of the caller's headers", () => {
    const headers = { "x-token": "1" }
    const resolved = catchUp({ headers })
    headers["x-token"] = "2"
    expect(resolved?.headers).toEqual({ "x-token": "1" })
  })

  it("is refused without a URL", () => {
    expect(wrong({ after: null, catchUp: {} })).toThrow(refusal("catch-up-without-url", /needs `url`/))
    expect(wrong({ after: null, catchUp: { url: "" } })).toThrow(refusal("catch-up-without-url", /needs `url`/))
  })

  it.each(["http://", "ws://example.com/messages", "javascript:alert(1)", "file:///etc/passwd"])(
    "is refused at %s, which HTTP cannot ask",
    url => {
      expect(wrong({ after: null, catchUp: { url } })).toThrow(refusal("bad-url", /is not an http\(s\) URL/))
    },
  )

  it.each(["cursorParam", "limitParam", "messages", "hasMore", "cursor"])("is refused with a nameless %s", name => {
    for (const value of ["", 1, null]) {
      expect(wrong({ after: null, catchUp: { url: "/m", [name]: value } })).toThrow(
        refusal("bad-option", /must be a string that is not empty/),
      )
    }
  })

  it("is refused with pages of no messages", () => {
    for (const limit of [0, -1, "200", Number.NaN]) {
      expect(wrong({ after: null, catchUp: { url: "/m", limit } })).toThrow(
        refusal("bad-option", /^limit must be a number from 1 up/),
      )
    }
  })
})

describe("where ids are, and what is shared", () => {
  it("is refused with what is no path", () => {
    for (const message of [{ id: 1 }, { at: "" }, { only: "message" }]) {
      expect(wrong({ message })).toThrow(refusal("bad-option", /must be/))
    }
  })

  it("is refused with a share that is neither true nor false", () => {
    expect(wrong({ share: "no" })).toThrow(refusal("bad-option", /^share must be true or false/))
  })
})

function refusal(code: CableErrorCode, message: RegExp) {
  return expect.objectContaining({ name: "CableError", code, message: expect.stringMatching(message) as string })
}
