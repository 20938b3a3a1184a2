import { describe, expect, it, onTestFinished, vi } from "vitest"
import { listener, openPage, settled } from "./support.ts"

describe("subscriptions.create", () => {
  it("names a channel by a string, or by parameters in their order", async () => {
    const { api } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    expect(subscriptions.create("ChatChannel").identifier).toBe('{"channel":"ChatChannel"}')
    expect(subscriptions.create({ id: 42, channel: "ChatChannel" }).identifier).toBe(
      '{"id":42,"channel":"ChatChannel"}',
    )
  })

  it("copies the mixin, inherited properties too, and calls back with the subscription as `this`", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const seen: unknown[] = []
    const inherited = { greeting: "hello" }
    const subscription = consumer.subscriptions.create("ChatChannel", {
      ...(Object.create(inherited) as typeof inherited),
      name: "lobby",
      received(message: unknown) {
        seen.push(this, message, this.name)
      },
    })
    const port = await hub.port()
    await port.attached()
    await port.give([["live", null, null, { text: "hi" }]])
    expect(seen).toEqual([subscription, { text: "hi" }, "lobby"])
    const other = consumer.subscriptions.create("ChatChannel", Object.create(inherited) as typeof inherited)
    expect(other.greeting).toBe("hello")
  })

  it("calls `initialized` before it returns and before anything is sent, `connected` later", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const { told, mixin } = listener()
    const subscription = consumer.subscriptions.create("ChatChannel", mixin)
    expect(told).toEqual([["initialized"]])
    expect(consumer.subscriptions.subscriptions).toEqual([subscription])
    const port = await hub.port()
    await port.attached()
    await port.give([["connected"]])
    expect(told.slice(1)).toEqual([
      ["connected", { reconnected: false }],
      ["caughtUp", { outcome: "current", count: 0 }],
    ])
  })

  it("gives every subscription object its own messages, two to one identifier as well", async () => {
    const { api, hub } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const [one, two] = [listener(), listener()]
    subscriptions.create("ChatChannel", one.mixin)
    subscriptions.create("ChatChannel", two.mixin)
    const port = await hub.port()
    const { wants } = await port.attached()
    expect(wants.map(({ identifier }) => identifier)).toEqual([
      '{"channel":"ChatChannel"}',
      '{"channel":"ChatChannel"}',
    ])
    const entries = JSON.stringify([["live", null, null, false]])
    await port.deliver({ parts: wants.map(({ subscription }) => ({ subscription, entries })) })
    expect(one.told.at(-1)).toEqual(["received", false, { source: "live" }])
    expect(two.told.at(-1)).toEqual(["received", false, { source: "live" }])
  })

  it("delivers falsy messages and bare strings as they are", async () => {
    const { api, hub } = await openPage()
    const { told, mixin } = listener()
    api.createConsumer("/cable", { identity: "ann" }).subscriptions.create("ChatChannel", mixin)
    const port = await hub.port()
    await port.attached()
    const messages = [0, "", false, null, "text", ["a"]]
    await port.give(messages.map(message => ["live", null, null, message] as const))
    expect(told.slice(1).map(([, message]) => message)).toEqual(messages)
  })

  it("sets a subscription that shares no answers apart by a parameter of its own", async () => {
    const { api } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const [one, two] = [1, 2].map(() => subscriptions.create({ channel: "RpcChannel" }, null, { share: false }))
    expect(one?.identifier).toMatch(/^\{"channel":"RpcChannel","_trunkline":"\w+"\}$/)
    expect(two?.identifier).not.toBe(one?.identifier)
  })
})

describe("the connection", () => {
  it("does not exist before it is wanted, is active at once, and open when the hub says so", async () => {
    const { api, hub, workers } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    expect(consumer.connection.getState()).toBeNull()
    expect(consumer.connection.isActive()).toBe(false)
    expect(workers).toEqual([])
    expect(consumer.connect()).toBe(true)
    expect(consumer.connect()).toBe(false)
    expect(consumer.ensureActiveConnection()).toBeUndefined()
    expect([consumer.connection.getState(), consumer.connection.isOpen()]).toEqual(["connecting", false])
    const port = await hub.port()
    expect(await port.attached()).toMatchObject({ open: true, wants: [] })
    await port.deliver({ cable: "live" })
    expect([consumer.connection.getState(), consumer.connection.isOpen()]).toEqual(["open", true])
    await port.deliver({ cable: "waiting" })
    expect([consumer.connection.getState(), consumer.connection.isActive()]).toEqual(["closed", false])
    expect(consumer.connect()).toBe(true)
    expect(await port.called("open")).toEqual(["open", true])
  })

  it("sends nothing, and says so, until it is open", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const subscription = consumer.subscriptions.create("ChatChannel")
    expect(subscription.perform("speak", { text: "too early" })).toBe(false)
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    const data = { text: "hi" }
    expect(subscription.perform("speak", data)).toBe(true)
    expect(data).toEqual({ text: "hi" })
    expect(await port.called("perform")).toEqual([
      "perform",
      '{"channel":"ChatChannel"}',
      '{"text":"hi","action":"speak"}',
    ])
    expect(subscription.send({ raw: true })).toBe(true)
    expect(consumer.send({ command: "message", identifier: subscription.identifier, data: '"text"' })).toBe(true)
    await settled()
    expect(port.calls.filter(([name]) => name === "perform").map(([, , text]) => text)).toEqual([
      '{"text":"hi","action":"speak"}',
      '{"raw":true}',
      '"text"',
    ])
  })

  it("closes for this consumer only, tells its subscriptions after the call, and comes back with connect()", async () => {
    const { api, hub } = await openPage()
    const [mine, other] = [1, 2].map(() => api.createConsumer("/cable", { identity: "ann" }))
    if (!mine || !other) throw new Error("unreachable")
    const [told, others] = [listener(), listener()]
    const subscription = mine.subscriptions.create("ChatChannel", told.mixin)
    other.subscriptions.create("ChatChannel", others.mixin)
    const port = await hub.port()
    const { wants } = await port.attached()
    const entries = JSON.stringify([["connected"]])
    await port.deliver({ parts: wants.map(want => ({ subscription: want.subscription, entries })) })

    expect(mine.disconnect()).toBeUndefined()
    expect(told.told.at(-1)?.[0]).toBe("caughtUp")
    await Promise.resolve()
    expect(told.told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: false }])
    expect(others.told.at(-1)?.[0]).toBe("caughtUp")
    expect([mine.connection.getState(), other.connection.getState()]).toEqual(["closed", "open"])
    expect(await port.called("unsubscribe")).toEqual(["unsubscribe", wants[0]?.subscription])
    expect(subscription.perform("speak")).toBe(false)

    expect(mine.connect()).toBe(true)
    await port.called("subscribe")
    await port.give([["connected"]])
    expect(told.told.slice(-2)).toEqual([
      ["connected", { reconnected: true }],
      ["caughtUp", { outcome: "gap", count: 0, reason: "no-catch-up" }],
    ])
  })

  it("is not wanted any more once the last consumer has disconnected", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    consumer.connect()
    const port = await hub.port()
    await port.attached()
    consumer.disconnect()
    expect(await port.called("open")).toEqual(["open", false])
  })

  it("comes back with the next subscription, and its older ones with it", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    consumer.subscriptions.create("OldChannel")
    const port = await hub.port()
    await port.attached()
    consumer.disconnect()
    consumer.subscriptions.create("NewChannel")
    await settled()
    expect(port.calls.map(([name]) => name)).toEqual(["unsubscribe", "open", "open", "subscribe", "subscribe"])
  })

  it("is renewed for all by reopen(), and not open until the hub says so", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    consumer.connect()
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    expect(consumer.connection.reopen()).toBeUndefined()
    expect([consumer.connection.isOpen(), consumer.connection.isActive()]).toEqual([false, true])
    await port.called("reopen")
    await settled()
    expect(consumer.connection.isOpen()).toBe(false)
    await port.deliver({ cable: "live" })
    expect(consumer.connection.isOpen()).toBe(true)
  })

  it("stays open after a reopen() that the hub finds too frequent", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    consumer.connect()
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    hub.inspection.socket.state = "live"
    consumer.connection.reopen()
    await vi.waitFor(() => expect(consumer.connection.isOpen()).toBe(true))
  })

  it("closes for a while by close(), as if the socket had been lost", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const { told, mixin } = listener()
    consumer.subscriptions.create("ChatChannel", mixin)
    const port = await hub.port()
    await port.attached()
    await port.give([["connected"]])
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    consumer.connection.close()
    await Promise.resolve()
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: true }])
    expect(consumer.connection.getState()).toBe("closed")
    vi.advanceTimersByTime(6_000)
    expect(consumer.connection.isActive()).toBe(true)
    expect(await port.called("subscribe")).toMatchObject(["subscribe", { identifier: '{"channel":"ChatChannel"}' }])
  })

  it("stays closed by disconnect() after close()", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    consumer.connect()
    await (await hub.port()).attached()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    consumer.connection.close()
    consumer.disconnect()
    vi.advanceTimersByTime(60_000)
    expect(consumer.connection.getState()).toBe("closed")
  })

  it("is opened by reopen() if it was closed", async () => {
    const { api, hub } = await openPage()
    expect(api.createConsumer("/cable", { identity: "ann" }).connection.reopen()).toBe(true)
    expect(await (await hub.port()).attached()).toMatchObject({ open: true })
  })

  it("carries the consumer's sub-protocols and URL", async () => {
    const { api, hub } = await openPage()
    let token = 0
    const consumer = api.createConsumer(() => `/cable?token=${++token}`, { identity: "ann" })
    consumer.addSubProtocol("graphql-ws")
    expect(consumer.subprotocols).toEqual(["graphql-ws"])
    expect(consumer.url).toBe("wss://example.test/cable?token=1")
    consumer.connect()
    expect(await (await hub.port()).attached()).toMatchObject({
      url: expect.stringMatching(/^wss:\/\/example\.test\/cable\?token=\d$/),
      subprotocols: ["graphql-ws"],
      identity: "ann",
      asks: true,
      credentials: false,
    })
  })
})

describe("a cable that the server refuses", () => {
  it("is told to who was never connected as well, once", async () => {
    const { api, hub } = await openPage()
    const consumer = api.createConsumer("/cable", { identity: "ann" })
    const { told, mixin } = listener()
    consumer.subscriptions.create("ChatChannel", mixin)
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "opening" })
    await port.deliver({ cable: "refused" })
    const final = [["initialized"], ["disconnected", { willAttemptReconnect: false }]]
    expect(told).toEqual(final)
    await port.give([["disconnected", false]], { cable: "refused" })
    expect(told).toEqual(final)
    expect(consumer.connection.isActive()).toBe(false)
  })
})

describe("the collection", () => {
  it("finds, notifies, removes and forgets, with Rails' return values", async () => {
    const { api } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const answer = { ask: (question: unknown) => `${String(question)}!` }
    const [one, two, three] = ["A", "A", "B"].map(channel => subscriptions.create(channel, answer))
    if (!one || !two || !three) throw new Error("unreachable")
    expect(subscriptions.findAll(one.identifier)).toEqual([one, two])
    expect(subscriptions.notify(one.identifier, "ask", "who")).toEqual(["who!", "who!"])
    expect(subscriptions.notify(three, "ask", "who")).toEqual(["who!"])
    expect(subscriptions.notifyAll("missing")).toEqual([[undefined], [undefined], [undefined]])
    expect(one.unsubscribe()).toBe(one)
    expect(subscriptions.remove(two)).toBe(two)
    expect(subscriptions.forget(three)).toBe(three)
    expect(subscriptions.subscriptions).toEqual([])
    expect(subscriptions.add(one)).toBe(one)
    expect(subscriptions.reload()).toEqual([undefined])
  })

  it("forgets what the server rejects, and tells it", async () => {
    const { api, hub } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const { told, mixin } = listener()
    const subscription = subscriptions.create("PrivateChannel", mixin)
    const port = await hub.port()
    await port.attached()
    await port.give([["rejected"], ["connected"]])
    expect(told.at(-1)).toEqual(["rejected"])
    expect(subscriptions.findAll(subscription.identifier)).toEqual([])
    const again = subscriptions.create("PrivateChannel", mixin)
    expect(subscriptions.reject(again.identifier)).toEqual([again])
    expect(told.at(-1)).toEqual(["rejected"])
  })

  it("hears nothing more once it has unsubscribed, not even the rest of the batch", async () => {
    const { api, hub } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const seen: unknown[] = []
    subscriptions.create("ChatChannel", {
      received(message: unknown) {
        seen.push(message)
        this.unsubscribe()
      },
    })
    const port = await hub.port()
    await port.attached()
    await port.give([
      ["live", null, null, 1],
      ["live", null, null, 2],
    ])
    expect(seen).toEqual([1])
  })
})

describe("a callback that throws", () => {
  it("is reported in its tab and stops nothing", async () => {
    const { api, hub, reported } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const seen: unknown[] = []
    subscriptions.create("ChatChannel", {
      initialized() {
        throw new Error("initialized")
      },
      received(message: unknown) {
        seen.push(message)
        throw new Error(`received ${String(message)}`)
      },
    })
    const port = await hub.port()
    await port.attached()
    const taken = await port.give([
      ["live", null, null, 1],
      ["live", null, null, 2],
    ])
    expect(seen).toEqual([1, 2])
    expect(taken).toEqual({ ms: expect.any(Number) })
    expect(reported.map(String)).toEqual(["Error: initialized", "Error: received 1", "Error: received 2"])
  })
})

describe("what else the package exports", () => {
  it("has everything that @rails/actioncable has", async () => {
    const { api } = await openPage()
    const rails: Record<string, unknown> = await import("@rails/actioncable")
    expect(Object.keys(api)).toEqual(expect.arrayContaining(Object.keys(rails)))
    expect(api.INTERNAL).toEqual(rails["INTERNAL"])
  })

  it("has every method and static of Rails' classes, but for those that handle the socket and its timers", async () => {
    const { api } = await openPage()
    const rails: Record<string, unknown> = await import("@rails/actioncable")
    const missing = Object.entries(rails).flatMap(([name, value]) => {
      if (typeof value !== "function" || !name.startsWith(name.charAt(0).toUpperCase())) return []
      const ours = api[name as "Connection"]
      const has = (members: object, ours: object) => Object.getOwnPropertyNames(members).filter(each => !(each in ours))
      const prototype = has((value as typeof ours).prototype, ours.prototype)
      return [...prototype, ...has(value, ours)].map(member => `${name} ${member}`)
    })
    expect(missing.toSorted()).toEqual([
      "Connection events",
      "Connection installEventHandlers",
      "Connection uninstallEventHandlers",
      "ConnectionMonitor connectionIsStale",
      "ConnectionMonitor disconnectedRecently",
      "ConnectionMonitor getPollInterval",
      "ConnectionMonitor poll",
      "ConnectionMonitor reconnectIfStale",
      "ConnectionMonitor recordConnect",
      "ConnectionMonitor recordDisconnect",
      "ConnectionMonitor recordMessage",
      "ConnectionMonitor refreshedAt",
      "ConnectionMonitor startPolling",
      "ConnectionMonitor stopPolling",
      "ConnectionMonitor visibilityDidChange",
      "SubscriptionGuarantor retrySubscribing",
      "SubscriptionGuarantor startGuaranteeing",
      "SubscriptionGuarantor stopGuaranteeing",
    ])
  })

  it("has views of what Rails keeps beside a connection and its subscriptions", async () => {
    const { api, hub } = await openPage()
    const { connection, subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    expect(connection.subscriptions).toBe(subscriptions)
    expect([connection.disconnected, connection.monitor.isRunning(), connection.getProtocol()]).toEqual([
      true,
      false,
      undefined,
    ])
    expect(subscriptions.guarantor.pendingSubscriptions).toEqual([])
    connection.open()
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    expect([connection.disconnected, connection.monitor.isRunning(), connection.getProtocol()]).toEqual([
      false,
      true,
      "actioncable-v1-json",
    ])
    expect([connection.isState("open"), connection.isState("closed"), connection.isState("closed", "open")]).toEqual([
      true,
      false,
      true,
    ])
  })

  it("leaves subscribing to the hub: of raw commands it sends messages only", async () => {
    const { api, hub } = await openPage()
    const { subscriptions } = api.createConsumer("/cable", { identity: "ann" })
    const subscription = subscriptions.create("ChatChannel")
    const port = await hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    expect(subscriptions.sendCommand(subscription, "subscribe")).toBe(false)
    expect(subscriptions.reload()).toEqual([undefined])
    await settled()
    expect(port.calls).toEqual([])
  })

  it("makes URLs absolute and takes http for ws", async () => {
    const { api } = await openPage()
    expect(api.createWebSocketURL("/cable")).toBe("wss://example.test/cable")
    expect(api.createWebSocketURL("http://other.test:8080/cable?a=1")).toBe("ws://other.test:8080/cable?a=1")
    expect(api.createWebSocketURL(() => "ws://other.test/cable")).toBe("ws://other.test/cable")
  })

  it("reads the cable's URL from the page's head, else takes /cable", async () => {
    const { api, meta } = await openPage()
    expect(api.getConfig("url")).toBeUndefined()
    expect(api.createConsumer().url).toBe("wss://example.test/cable")
    meta["action-cable-url"] = "wss://cable.example.test/"
    expect(api.createConsumer().url).toBe("wss://cable.example.test/")
  })

  it("has a consumer that is no promise", async () => {
    const { api } = await openPage()
    const consumer = api.createConsumer("/cable")
    expect(await Promise.resolve(consumer)).toBe(consumer)
  })
})
