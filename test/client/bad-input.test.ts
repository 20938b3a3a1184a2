import { describe, expect, it } from "vitest"
import { openPage, settled, type FakePage } from "./support.ts"

/** The error that `act` throws; fails if it throws none, or anything but a CableError. */
function thrown(api: FakePage["api"], act: () => unknown): { code: string; message: string } {
  try {
    act()
  } catch (error) {
    if (error instanceof api.CableError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error("nothing was thrown")
}

describe("what bad input gets: a CableError in the tab that gave it, before anything is sent", () => {
  const consumers: [what: string, url: string, options: object, code: string, says: string][] = [
    ["an unknown option", "/cable", { identiy: "ann" }, "unknown-option", "identiy"],
    ["an identity that is no string", "/cable", { identity: 42 }, "bad-option", "identity"],
    ["an unknown host", "/cable", { host: "server" }, "bad-option", "host"],
    ["a malformed URL", "http://[", {}, "bad-url", "http://["],
    ["a URL of another protocol", "ftp://example.test/cable", {}, "bad-url", "ftp://"],
    ["a negative time", "/cable", { linger: -1 }, "bad-option", "linger"],
  ]

  it.each(consumers)("%s of a consumer", async (_, url, options, code, says) => {
    const { api } = await openPage()
    const error = thrown(api, () => api.createConsumer(url, options))
    expect(error).toEqual({ code, message: expect.stringContaining(says) })
  })

  const url = "/messages"
  const circular: Record<string, unknown> = { channel: "ChatChannel" }
  circular["self"] = circular
  const subscriptions: [what: string, channel: object, options: object, code: string][] = [
    ["an unknown option", {}, { catchup: {} }, "unknown-option"],
    ["an unknown option of catchUp", {}, { after: null, catchUp: { url, size: 1 } }, "unknown-option"],
    ["catchUp without url", {}, { after: null, catchUp: {} }, "catch-up-without-url"],
    ["catchUp without after", {}, { catchUp: { url } }, "catch-up-without-after"],
    ["after the last of no messages", {}, { after: [].at(-1), catchUp: { url } }, "catch-up-without-after"],
    ["an after that is no id", {}, { after: {}, catchUp: { url } }, "bad-option"],
    ["a catch-up URL that is none", {}, { after: null, catchUp: { url: "http://[" } }, "bad-url"],
    ["headers that cannot be sent", {}, { after: null, catchUp: { url, headers: { a: () => 1 } } }, "bad-option"],
    ["a circular channel", circular, {}, "bad-identifier"],
    ["a channel with a bigint", { channel: "ChatChannel", id: 1n }, {}, "bad-identifier"],
  ]

  it.each(subscriptions)("%s of a subscription", async (_, channel, options, code) => {
    const { api, workers } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const create = () => consumer.subscriptions.create({ channel: "ChatChannel", ...channel }, {}, options)
    expect(thrown(api, create)).toMatchObject({ code, message: expect.stringMatching(/.{20}/) })
    expect(consumer.subscriptions.subscriptions).toEqual([])
    await settled()
    expect(workers).toEqual([])
  })

  it("a URL function that returns none is told when it is first asked", async () => {
    const { api, workers } = await openPage()
    const consumer = api.createConsumer(() => "ftp://example.test", { identity: "ann" })
    expect(thrown(api, () => consumer.subscriptions.create("ChatChannel")).code).toBe("bad-url")
    expect(thrown(api, () => consumer.connect()).code).toBe("bad-url")
    expect(consumer.subscriptions.subscriptions).toEqual([])
    expect(workers).toEqual([])
  })

  it("options are the caller's: nothing that is changed later counts, and nothing is changed in them", async () => {
    const { api, hub } = await openPage()
    const options = { after: ["1", "2"], catchUp: { url: "/messages", params: { session: "s" }, headers: { a: "b" } } }
    const channel = { channel: "ChatChannel" }
    const given = structuredClone({ options, channel })
    api.createConsumer("/cable", { identity: "ann" }).subscriptions.create(channel, {}, options)
    expect({ options, channel }).toEqual(given)
    options.catchUp.headers.a = "changed"
    options.after.push("3")
    const { wants } = await (await hub.port()).attached()
    expect(wants[0]).toMatchObject({
      start: { from: "rendered", position: { after: "1", seen: ["2"] } },
      catchUp: { url: "https://example.test/messages", params: { session: "s" }, headers: { a: "b" } },
    })
  })
})

describe("without an identity", () => {
  it("takes the one in the page's head", async () => {
    const { api, hub, meta, warned } = await openPage()
    meta["trunkline-identity"] = "bob"
    api.createConsumer("/cable").connect()
    expect(await (await hub.port()).attached()).toMatchObject({ identity: "bob" })
    expect(warned).toEqual([])
  })

  it("warns once and goes on", async () => {
    const { api, hub, warned } = await openPage()
    api.createConsumer("/cable").connect()
    api.createConsumer("/other").connect()
    expect(await (await hub.port()).attached()).toMatchObject({ identity: "" })
    expect(warned).toEqual([expect.stringContaining("identity")])
  })
})

describe("under Node, where a server renders", () => {
  it("importing the package, and making a consumer, does nothing and throws nothing", async () => {
    const { createConsumer, getConfig } = await import("../../client/index.ts")
    expect(getConfig("url")).toBeUndefined()
    expect(createConsumer().connection.getState()).toBeNull()
  })
})
