// What bad input gets: from the application, from the server, from whoever else speaks on the origin.

import { describe, expect, it } from "vitest"

import { BRIDGE_VERSION } from "../../shared/bridge.ts"
import { pageNames } from "../../shared/identity.ts"
import { chat, chatIdentifier } from "./lab/chat.ts"
import { expectGiven, untilGiven } from "./lab/given.ts"
import { sample, SHARED_WORKERS } from "./lab/place.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(sample(SHARED_WORKERS))("bad input in %s", (_, place) => {
  const lab = useLab(place)

  it("of the application's is thrown as a CableError with a code and a remedy, before anything is sent", async () => {
    const server = await lab.serve()
    const tab = await lab.open(null)
    const refusals = await tab.evaluate(() => {
      const { lab } = window
      const { createConsumer } = lab.trunkline
      const consumer = createConsumer("/cable", { identity: "visitor" })
      const create = (options: object, channel: object = { channel: "WebchatChannel" }) =>
        lab.refusal(() => consumer.subscriptions.create(channel as { channel: string }, {}, options))
      const circular: { channel: string; self?: object } = { channel: "WebchatChannel" }
      circular.self = circular
      return {
        "consumer option": lab.refusal(() => createConsumer("/cable", { identiy: "visitor" } as object)),
        "subscription option": create({ afterr: null }),
        "catch-up option": create({ after: null, catchUp: { url: "/m", parms: {} } }),
        "cable URL": lab.refusal(() => createConsumer("http://[", { identity: "visitor" })),
        "cable scheme": lab.refusal(() => createConsumer("ftp://example.org/cable", { identity: "visitor" })),
        "catch-up URL": create({ after: null, catchUp: { url: "http://[" } }),
        "no catch-up URL": create({ after: null, catchUp: {} }),
        "no start": create({ catchUp: { url: "/m" } }),
        circular: create({}, circular),
        bigint: create({}, { channel: "WebchatChannel", id: 1n }),
        "option's value": create({ after: null, catchUp: { url: "/m", limit: "many" } }),
      }
    })

    const codes = Object.entries(refusals).map(([what, said]) => [what, said === "accepted" ? said : said.code])
    expect(Object.fromEntries(codes)).toEqual({
      "consumer option": "unknown-option",
      "subscription option": "unknown-option",
      "catch-up option": "unknown-option",
      "cable URL": "bad-url",
      "cable scheme": "bad-url",
      "catch-up URL": "bad-url",
      "no catch-up URL": "catch-up-without-url",
      "no start": "catch-up-without-after",
      circular: "bad-identifier",
      bigint: "bad-identifier",
      "option's value": "bad-option",
    })
    for (const said of Object.values(refusals))
      expect(said).toMatchObject({ message: expect.stringMatching(/\w+ .+\.$/) })
    expect(await server.stats()).toMatchObject({ opened: 0, requests: [] })
  })

  it("of the server's is counted and skipped, and what follows is delivered", async () => {
    const server = await lab.serve()
    const [tab] = await lab.openAll(1, chat({ after: null, consumer: { maxFrameBytes: 2_000 } }))
    const large = { identifier: chatIdentifier(), message: { type: "typing", text: "x".repeat(2_000) } }
    await server.control({ raw: "this is {not JSON" })
    await server.control({ raw: "[]" })
    await server.control({ raw: '{"type":"confirm_subscription"}' })
    await server.control({ raw: '{"type":"unheard of","identifier":"x"}' })
    await server.control({ raw: JSON.stringify(large) })
    await server.control({ raw: '{"identifier":"{\\"channel\\":\\"Other\\"}","message":{"id":7}}' })
    await server.say(1)
    await tab.untilReceived(1)

    expect(await tab.ids()).toEqual([1])
    expect((await tab.inspect()).counters).toMatchObject({
      "malformedFrames.json": 1,
      "malformedFrames.shape": 3,
      "malformedFrames.size": 1,
      unknownIdentifiers: 1,
    })
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it("on the worker's port is ignored, if it is not the bridge's", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    const url = `ws://127.0.0.1:${server.port}/cable`
    const { worker } = pageNames({ url, identity: "visitor", bridge: BRIDGE_VERSION })
    const isHub = await tabs[0].evaluate(name => {
      const { port } = new SharedWorker("/dist/worker.js", { type: "module", name })
      const raw = (value: unknown) => ({ type: "RAW", value })
      const nonsense: unknown[] = [
        null,
        "hello",
        [],
        { type: "HELLO" },
        { type: "HANDLER", name: "none", value: null },
        { id: "1", type: "APPLY", path: ["nothing"], argumentList: [] },
        { id: "2", type: "APPLY", path: ["attach"], argumentList: [raw(null)] },
        { id: "3", type: "APPLY", path: ["attach"], argumentList: [raw({ identity: "visitor" })] },
        { id: "4", type: "APPLY", path: ["subscribe"], argumentList: [raw({ identifier: 7 })] },
        { id: "5", type: "GET", path: ["a", "b", "c"] },
        { id: "6", type: "CONSTRUCT", path: ["inspect"], argumentList: [] },
      ]
      const hello = new Promise<boolean>(resolve => {
        port.addEventListener("message", () => resolve(true), { once: true })
      })
      port.start()
      for (const message of nonsense) port.postMessage(message)
      return hello
    }, worker)
    expect(isHub).toBe(true)
    await server.say(2)

    for (const tab of tabs) {
      await expectGiven(tab, [1, 2])
      expect((await tab.told()).filter(({ type }) => type === "error" || type === "warning")).toEqual([])
      expect((await tab.told()).filter(({ type }) => type === "disconnected")).toEqual([])
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it("a callback that throws is reported in its tab and stops nothing", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    await tabs[0].evaluate(() => void (window.lab.mistaken = "2"))
    await server.say(3)
    await untilGiven(tabs[0], [1, 3])
    await expectGiven(tabs[1], [1, 2, 3])

    expect((await tabs[0].ids()).toSorted((a, b) => a - b)).toEqual([1, 3])
    const errors = (await tabs[0].told()).filter(({ type }) => type === "error")
    expect(errors).toMatchObject([{ text: expect.stringContaining("The application's own mistake") }])
    expect((await tabs[1].told()).filter(({ type }) => type === "error")).toEqual([])
    expect((await tabs[1].inspect()).streams).toMatchObject([{ cursor: { seen: 3 } }])
  })

  it("a worker script that cannot be loaded is named, once, in a warning", async () => {
    await lab.serve()
    const tab = await lab.open(chat({ after: null, consumer: { worker: "/missing/worker.js" } }))
    await tab.until(told => told.some(({ type }) => type === "error"))

    const trouble = (await tab.told()).filter(({ type }) => type === "error" || type === "warning")
    expect(trouble).toMatchObject([
      { type: "warning", text: expect.stringContaining("/missing/worker.js") }, // no SharedWorker: the page itself then
      { type: "error", text: expect.stringContaining("/missing/worker.js") }, // which needs the same script
    ])
  })

  it("a page that forbids workers has the hub in a tab, with one warning", async () => {
    const server = await lab.serve()
    const tab = await lab.open(null)
    await tab.evaluate(() => {
      const policy = document.createElement("meta")
      policy.httpEquiv = "Content-Security-Policy"
      policy.content = "worker-src 'none'"
      document.head.append(policy)
    })
    await tab.subscribe(chat({ after: null }))
    await tab.untilCaughtUp()
    await server.say(1)
    await tab.untilReceived(1)

    expect((await tab.inspect()).host).toBe("leader-tab")
    const trouble = (await tab.told()).filter(({ type }) => type === "error" || type === "warning")
    expect(trouble).toMatchObject([{ type: "warning", text: expect.stringContaining("/dist/worker.js") }])
  })
})
