// What a consumer is before anything happens.

import type { Sentence } from "./sentence.ts"

export const consumer: readonly Sentence[] = [
  {
    says: "createConsumer() takes its URL from the page's meta tag, else /cable",
    run({ api, equal }) {
      const origin = location.origin.replace("http", "ws")
      equal(api.createConsumer().url, `${origin}/cable`)
      const meta = document.createElement("meta")
      meta.name = "action-cable-url"
      meta.content = "wss://cable.example.test/websocket"
      document.head.append(meta)
      equal(api.getConfig("url"), meta.content)
      equal(api.createConsumer().url, meta.content)
      meta.remove()
      equal(api.getConfig("url"), undefined)
    },
  },
  {
    says: "URLs become absolute, and http becomes ws",
    run({ api, equal }) {
      const { createWebSocketURL } = api
      equal(createWebSocketURL("/cable?a=1"), `${location.origin.replace("http", "ws")}/cable?a=1`)
      equal(createWebSocketURL("http://example.test:8080/cable"), "ws://example.test:8080/cable")
      equal(createWebSocketURL("https://example.test/cable"), "wss://example.test/cable")
      equal(createWebSocketURL("wss://example.test/cable"), "wss://example.test/cable")
      equal(
        createWebSocketURL(() => "ws://example.test/cable"),
        "ws://example.test/cable",
      )
    },
  },
  {
    says: "a URL function is asked at each look at `url`, and at each opening",
    async run(stage) {
      let asked = 0
      const consumer = stage.consumer(() => `/cable?asked=${++asked}`)
      stage.equal(consumer.url === consumer.url, false)
      const { told } = await stage.connected(consumer)
      const before = asked
      await stage.control({ drop: true })
      await stage.until(() => told.some(([name]) => name === "disconnected"))
      stage.wake()
      await stage.until(() => told.filter(([name]) => name === "connected").length === 2)
      stage.equal(asked > before, true)
    },
  },
  {
    says: "a consumer is made of a connection, subscriptions and sub-protocols",
    run(stage) {
      const { Connection, Consumer, Subscriptions } = stage.api
      const consumer = stage.consumer()
      const { connection, subscriptions } = consumer
      stage.equal(
        [consumer instanceof Consumer, connection instanceof Connection, subscriptions instanceof Subscriptions],
        [true, true, true],
      )
      stage.equal([connection.consumer === consumer, subscriptions.consumer === consumer], [true, true])
      stage.equal([consumer.subprotocols, subscriptions.subscriptions], [[], []])
      consumer.addSubProtocol("custom")
      stage.equal(consumer.subprotocols, ["custom"])
    },
  },
  {
    says: "a consumer is no promise",
    async run(stage) {
      const consumer = stage.consumer()
      stage.equal((await Promise.resolve(consumer)) === consumer, true)
    },
  },
  {
    says: "a consumer opens nothing before it is asked to connect",
    async run(stage) {
      const { opened } = await stage.stats()
      const consumer = stage.consumer()
      stage.equal([consumer.connection.getState(), consumer.connection.isActive()], [null, false])
      // Time for a mistake to show: a connection that is asked for takes less.
      await stage.connected(stage.consumer("/cable", { identity: "somebody else" }))
      stage.equal((await stage.stats()).opened, opened + 1)
    },
  },
  {
    says: "inspect() tells where the hub is",
    rails: "it has neither",
    async run(stage) {
      const { consumer } = await stage.connected()
      stage.equal("inspect" in consumer, true)
      const { host, socket } = await consumer.inspect()
      stage.equal([host, socket.state], [stage.library.host, "live"])
    },
  },
  {
    says: "logger writes through adapters.logger while it is enabled",
    run({ api, equal }) {
      const lines: unknown[][] = []
      const { logger } = api.adapters
      api.adapters.logger = { log: (...line: unknown[]) => void lines.push(line) }
      api.logger.log("not enabled")
      api.logger.enabled = true
      api.logger.log("enabled", 1)
      api.logger.enabled = false
      api.adapters.logger = logger
      equal(
        lines.map(line => line.slice(0, 3)),
        [["[ActionCable]", "enabled", 1]],
      )
      equal(typeof lines[0]?.[3], "number")
    },
  },
  {
    says: "adapters.WebSocket is used in place of the browser's",
    async run(stage) {
      const { adapters } = stage.api
      const asked: unknown[] = []
      class Own extends WebSocket {
        constructor(url: string | URL, protocols: string | string[] = []) {
          super(url, protocols)
          asked.push(url, protocols.slice(0, 2))
        }
      }
      adapters.WebSocket = Own
      const { told } = await stage.connected()
      stage.equal(asked, [
        `${location.origin.replace("http", "ws")}/cable`,
        ["actioncable-v1-json", "actioncable-unsupported"],
      ])
      stage.equal(told.at(-1), ["connected", { reconnected: false }])
    },
  },
]
