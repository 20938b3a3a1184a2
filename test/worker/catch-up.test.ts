import { beforeEach, describe, expect, it } from "vitest"
import type { CatchUp } from "../../shared/bridge.ts"
import { resolveSubscriptionOptions, type CatchUpOptions } from "../../shared/options.ts"
import { fetchPage } from "../../worker/catch-up.ts"
import type { FetchResult, PageRequest } from "../../worker/core/event.ts"
import { Endpoint, json, status, text } from "./support/endpoint.ts"

let endpoint: Endpoint

beforeEach(async () => {
  endpoint = await Endpoint.start()
})

const FAILED = { type: "failed", retryAfter: null }

function catchUp(options: Partial<CatchUpOptions> = {}): CatchUp {
  const resolved = resolveSubscriptionOptions({ after: null, catchUp: { url: "/messages", ...options } }, endpoint.url)
  return resolved.catchUp as CatchUp
}

function ask(options: Partial<CatchUpOptions> = {}, request: Partial<PageRequest> = {}): Promise<FetchResult> {
  const asked = { catchUp: catchUp(options), after: "10", limit: 200, headers: {}, ...request }
  return fetchPage(asked, {}, new AbortController().signal)
}

/** A page that the endpoint answers with `body`. */
function answered(body: unknown, options: Partial<CatchUpOptions> = {}, request: Partial<PageRequest> = {}) {
  endpoint.respond = json(body)
  return ask(options, request)
}

describe("a request", () => {
  it("asks after the id, for so many", async () => {
    await ask()
    expect(endpoint.asked).toMatchObject([{ path: "/messages", params: { after_id: "10", limit: "200" } }])
  })

  it("leaves the id out from the beginning on", async () => {
    await ask({}, { after: null })
    expect(endpoint.asked[0]?.params).toEqual({ limit: "200" })
  })

  it("carries the application's params beside those of its URL, and its names for ours", async () => {
    const url = `${endpoint.url}/m?a=1&b=2`
    await ask({ url, params: { b: "3", c: "é &=" }, cursorParam: "since", limitParam: "per" }, { limit: 7 })
    expect(endpoint.asked).toMatchObject([{ path: "/m", params: { a: "1", b: "3", c: "é &=", since: "10", per: "7" } }])
    expect(endpoint.asked[0]?.params).not.toHaveProperty("after_id")
  })

  it("escapes the id, which is the server's", async () => {
    await ask({}, { after: "a&limit=9#é" })
    expect(endpoint.asked[0]?.params).toEqual({ after_id: "a&limit=9#é", limit: "200" })
  })

  it("carries the application's headers, and over them those of its credentials", async () => {
    await ask({ headers: { "X-Page": "1", Authorization: "old" } }, { headers: { Authorization: "new" } })
    expect(endpoint.asked[0]?.headers).toMatchObject({
      accept: "application/json",
      "x-page": "1",
      authorization: "new",
    })
  })

  it("may ask for something else than JSON, if the application insists", async () => {
    await ask({ headers: { Accept: "application/vnd.chat+json" } })
    expect(endpoint.asked[0]?.headers.accept).toBe("application/vnd.chat+json")
  })

  it("is not answered from a cache", async () => {
    await ask()
    expect(endpoint.asked[0]?.headers["cache-control"]).toBe("no-cache")
  })
})

describe("a page", () => {
  it("is messages, whether there are more, and the newest id", async () => {
    const messages = [{ id: 11 }, "odd", null]
    expect(await answered({ messages, has_more: true, cursor: 12 })).toEqual({
      type: "page",
      messages,
      hasMore: true,
      cursor: "12",
    })
  })

  it("need not say whether there are more (hellotext)", async () => {
    const page = { type: "page", messages: [], hasMore: null, cursor: undefined }
    expect(await answered({ messages: [] })).toEqual(page)
    expect(await answered({ messages: [], has_more: "yes" })).toEqual(page)
    expect(await answered({ messages: [], has_more: null })).toEqual(page)
    expect(await answered({ messages: [], has_more: false })).toEqual({ ...page, hasMore: false })
  })

  it("has its parts where the application says they are", async () => {
    const options = { messages: "data.items", hasMore: "data.page.more", cursor: "meta.newest" }
    const body = { data: { items: [{ id: 1 }], page: { more: false } }, meta: { newest: "z" } }
    expect(await answered(body, options)).toEqual({ type: "page", messages: [{ id: 1 }], hasMore: false, cursor: "z" })
  })

  it.each([
    ["text", "a1", "a1"],
    ["a number", 42, "42"],
    ["null, for an empty stream", null, null],
    ["absent", undefined, undefined],
    ["an empty text, which is no id", "", undefined],
    ["a number that JSON has mangled", 2 ** 53, undefined],
    ["a fraction", 1.5, undefined],
    ["something else", { id: 1 }, undefined],
  ])("has a cursor that is %s", async (_, cursor, read) => {
    expect(await answered({ messages: [], cursor })).toMatchObject({ type: "page", cursor: read })
  })

  it("of limit 0 needs no messages", async () => {
    expect(await answered({ cursor: 7 }, {}, { limit: 0 })).toEqual({
      type: "page",
      messages: [],
      hasMore: null,
      cursor: "7",
    })
    expect(await answered({}, {}, { limit: 0 })).toMatchObject({ type: "page", cursor: undefined })
  })
})

describe("a body that is not a page is no answer (hole: HTTP 500 taken for success)", () => {
  it.each([
    ["an array", [{ id: 1 }]],
    ["null", null],
    ["text", "messages"],
    ["a record without messages", { error: "no" }],
    ["messages that are no array", { messages: { id: 1 } }],
  ])("%s", async (_, body) => {
    expect(await answered(body)).toEqual(FAILED)
  })

  it("an array, even where limit is 0", async () => {
    expect(await answered([], {}, { limit: 0 })).toEqual(FAILED)
  })

  it.each([
    ["HTML of a log-in page", "<html>log in</html>"],
    ["nothing at all", ""],
    ["half a page", '{"messages":[{"id":1}'],
  ])("%s", async (_, body) => {
    endpoint.respond = text(body)
    expect(await ask()).toEqual(FAILED)
  })

  it("no content", async () => {
    endpoint.respond = response => response.writeHead(204).end()
    expect(await ask()).toEqual(FAILED)
  })
})

describe("a status", () => {
  it.each([401, 403])("%i is unauthorised", async code => {
    endpoint.respond = status(code)
    expect(await ask()).toEqual({ type: "unauthorized" })
  })

  it.each([400, 402, 404, 405, 409, 410, 418, 422, 451, 499])("%i will not change", async code => {
    endpoint.respond = status(code)
    expect(await ask()).toEqual({ type: "gone" })
  })

  it.each([408, 425, 429, 500, 502, 503, 504, 599])("%i is worth another try", async code => {
    endpoint.respond = status(code)
    expect(await ask()).toEqual(FAILED)
  })

  it.each([301, 302, 303, 307, 308])("%i is not followed: a log-in page is not a page of messages", async code => {
    endpoint.respond = status(code, { Location: `${endpoint.url}/login` })
    expect(await ask()).toEqual(FAILED)
    expect(endpoint.asked).toHaveLength(1)
  })
})

describe("Retry-After", () => {
  const after = async (value: string, code = 503) => {
    endpoint.respond = status(code, { "Retry-After": value })
    const result = await ask()
    return result.type === "failed" ? result.retryAfter : result.type
  }

  it("is read in seconds", async () => {
    expect(await after("7")).toBe(7_000)
    expect(await after("0")).toBe(0)
    expect(await after("120", 429)).toBe(120_000)
  })

  it("is read as a date", async () => {
    const ms = await after(new Date(Date.now() + 60_000).toUTCString())
    expect(ms).toBeGreaterThan(55_000)
    expect(ms).toBeLessThanOrEqual(60_000)
  })

  it("in the past is now", async () => {
    expect(await after("Thu, 01 Jan 1970 00:00:00 GMT")).toBe(0)
  })

  it("that means nothing says nothing", async () => {
    expect(await after("soon")).toBeNull()
  })

  it("does not turn a refusal into a failure", async () => {
    expect(await after("7", 401)).toBe("unauthorized")
    expect(await after("7", 410)).toBe("gone")
  })
})

describe("a request that is not answered", () => {
  it("fails when nobody listens", async () => {
    const url = `${endpoint.url}/m`
    await endpoint.stop()
    expect(await ask({ url })).toEqual(FAILED)
  })

  it("fails when the server hangs up", async () => {
    endpoint.respond = response => response.destroy()
    expect(await ask()).toEqual(FAILED)
  })

  it("fails when the server hangs up in the middle of a page", async () => {
    endpoint.respond = response => {
      response.writeHead(200, { "Content-Length": "1000" }).write('{"messages":[')
      setImmediate(() => response.destroy())
    }
    expect(await ask()).toEqual(FAILED)
  })

  it("fails after its time: headers that do not come, and bodies that do not end", async () => {
    endpoint.respond = () => {}
    expect(await ask({ timeout: 30 })).toEqual(FAILED)
    endpoint.respond = response => response.writeHead(200).write("{")
    expect(await ask({ timeout: 30 })).toEqual(FAILED)
  })

  it("fails at once when it is aborted", async () => {
    const controller = new AbortController()
    endpoint.respond = () => controller.abort()
    const request = { catchUp: catchUp(), after: null, limit: 1, headers: {} }
    expect(await fetchPage(request, {}, controller.signal)).toEqual(FAILED)
    expect(await fetchPage(request, {}, controller.signal)).toEqual(FAILED)
    expect(endpoint.asked).toHaveLength(1)
  })

  it("fails when headers cannot be sent", async () => {
    expect(await ask({}, { headers: { "bad header": "x" } })).toEqual(FAILED)
  })
})
