// Connecting, leaving, losing and coming back.

import type { Sentence } from "./sentence.ts"
import type { Told } from "./stage.ts"

const all = (told: readonly Told[], wanted: string) => told.filter(([name]) => name === wanted)
const count = (told: readonly Told[], wanted: string) => all(told, wanted).length

export const connection: readonly Sentence[] = [
  {
    says: "connect() answers true, and false for as long as it connects or is open",
    async run(stage) {
      const consumer = stage.consumer()
      stage.equal([consumer.connect(), consumer.connect()], [true, false])
      await stage.until(() => consumer.connection.isOpen())
      stage.equal([consumer.connect(), consumer.connection.open()], [false, false])
    },
  },
  {
    says: "ensureActiveConnection() opens what is not active, and else answers nothing",
    run(stage) {
      const consumer = stage.consumer()
      stage.equal([consumer.ensureActiveConnection(), consumer.ensureActiveConnection()], [true, undefined])
    },
  },
  {
    says: "the connection is active at once, and open when the server has answered",
    async run(stage) {
      const { connection } = stage.consumer()
      stage.equal([connection.getState(), connection.isActive(), connection.isOpen()], [null, false, false])
      connection.open()
      stage.equal([connection.getState(), connection.isActive(), connection.isOpen()], ["connecting", true, false])
      await stage.until(() => connection.isOpen())
      stage.equal([connection.getState(), connection.isActive()], ["open", true])
      stage.equal([connection.isState("open", "closed"), connection.isState("closed")], [true, false])
      stage.equal([connection.getProtocol(), connection.isProtocolSupported()], ["actioncable-v1-json", true])
    },
  },
  {
    says: "nothing is sent before the connection is open, and send() and perform() say so",
    async run(stage) {
      const consumer = stage.consumer()
      const { told, mixin } = stage.listener()
      const subscription = consumer.subscriptions.create(stage.channel(), mixin)
      stage.equal([subscription.perform("echo", { value: "early" }), subscription.send({})], [false, false])
      await stage.until(() => count(told, "connected") === 1)
      stage.equal(subscription.perform("echo", { value: "in time" }), true)
      await stage.until(() => count(told, "received") === 1)
      stage.equal(told.at(-1), ["received", "in time"])
      consumer.disconnect()
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(subscription.perform("echo", { value: "late" }), false)
    },
  },
  {
    says: "disconnect() closes the cable, answers nothing, and subscriptions hear that nobody will reconnect",
    async run(stage) {
      const { told, consumer } = await stage.connected()
      const { sockets } = await stage.stats()
      stage.equal(consumer.disconnect(), undefined)
      stage.equal(consumer.connection.isOpen(), false)
      stage.equal(told.at(-1)?.[0], "connected")
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(all(told, "disconnected").at(-1), ["disconnected", { willAttemptReconnect: false }])
      await stage.until(async () => (await stage.stats()).sockets === sockets - 1)
      stage.equal([consumer.connection.getState(), consumer.connection.isActive()], ["closed", false])
    },
  },
  {
    says: "connect() after disconnect() subscribes again",
    async run(stage) {
      const { told, consumer, subscription } = await stage.connected()
      consumer.disconnect()
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(consumer.connect(), true)
      await stage.until(() => count(told, "connected") === 2)
      subscription.perform("echo", { value: "back" })
      await stage.until(() => count(told, "received") === 1)
    },
  },
  {
    says: "disconnect() while connecting really closes",
    rails: "close() does nothing before the socket is open, and then it opens after all",
    async run(stage) {
      await stage.control({ reset: true })
      const { told, mixin } = stage.listener()
      const consumer = stage.consumer()
      consumer.subscriptions.create(stage.channel(), mixin)
      consumer.disconnect()
      // Whatever the first consumer wants comes before what a second one has got.
      await stage.connected(stage.consumer("/cable", { identity: "somebody else" }))
      await stage.until(async () => (await stage.stats()).sockets === 1)
      stage.equal([count(told, "connected"), consumer.connection.isActive()], [0, false])
    },
  },
  {
    says: "close() comes back by itself, and subscriptions hear that before",
    async run(stage) {
      const { told, consumer } = await stage.connected()
      consumer.connection.close()
      stage.equal(consumer.connection.isOpen(), false)
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(all(told, "disconnected").at(-1), ["disconnected", { willAttemptReconnect: true }])
      stage.wake()
      await stage.until(() => count(told, "connected") === 2)
    },
  },
  {
    says: "reopen() opens what is closed, and renews what is open",
    async run(stage) {
      const consumer = stage.consumer()
      stage.equal(consumer.connection.reopen(), true)
      const { told } = await stage.connected(consumer)
      const { opened } = await stage.stats()
      stage.equal(consumer.connection.reopen(), undefined)
      stage.equal(consumer.connection.isOpen(), false)
      await stage.until(() => count(told, "connected") === 2)
      stage.equal((await stage.stats()).opened, opened + 1)
      stage.equal(
        told.map(([name]) => name),
        ["initialized", "connected", "disconnected", "connected"],
      )
    },
  },
  {
    says: "a lost cable is told once and comes back, and so do its subscriptions",
    async run(stage) {
      const { told, consumer, subscription } = await stage.connected()
      await stage.control({ drop: true })
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(all(told, "disconnected").at(-1), ["disconnected", { willAttemptReconnect: true }])
      stage.wake()
      await stage.until(() => count(told, "connected") === 2)
      stage.equal([count(told, "disconnected"), consumer.connection.isOpen()], [1, true])
      subscription.perform("echo", { value: "back" })
      await stage.until(() => count(told, "received") === 1)
    },
  },
  {
    says: "after a loss every subscription hears that it is reconnected",
    rails: "one, if any: the first that is confirmed after its monitor has tried",
    async run(stage) {
      const consumer = stage.consumer()
      const both = [await stage.connected(consumer), await stage.connected(consumer)]
      await stage.control({ drop: true })
      for (const { told } of both) await stage.until(() => count(told, "disconnected") === 1)
      stage.wake()
      for (const { told } of both) {
        await stage.until(() => count(told, "connected") === 2)
        stage.equal(told.at(-1), ["connected", { reconnected: true }])
      }
    },
  },
  {
    says: "the server may say that it comes back",
    async run(stage) {
      const { told } = await stage.connected()
      await stage.control({ disconnect: { reason: "server_restart", reconnect: true } })
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(all(told, "disconnected").at(-1), ["disconnected", { willAttemptReconnect: true }])
      stage.wake()
      await stage.until(() => count(told, "connected") === 2)
    },
  },
  {
    says: "the server may say that it does not, until somebody connects",
    async run(stage) {
      const { told, consumer } = await stage.connected()
      await stage.control({ disconnect: { reason: "remote", reconnect: false } })
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(all(told, "disconnected").at(-1), ["disconnected", { willAttemptReconnect: false }])
      stage.equal(consumer.connection.isActive(), false)
      stage.equal(consumer.connect(), true)
      await stage.until(() => count(told, "connected") === 2)
    },
  },
  {
    says: "a refused connection is told, though it never was one",
    async run(stage) {
      await stage.control({ unauthorized: 1 })
      const { told, mixin } = stage.listener()
      const consumer = stage.consumer()
      consumer.subscriptions.create(stage.channel(), mixin)
      await stage.until(() => count(told, "disconnected") === 1)
      stage.equal(told, [["initialized"], ["disconnected", { willAttemptReconnect: false }]])
      stage.equal(consumer.connection.isActive(), false)
    },
  },
  {
    says: "two consumers have subscriptions of their own, and one may leave without the other",
    async run(stage) {
      const [one, two] = [await stage.connected(), await stage.connected()]
      stage.equal(one.consumer.subscriptions.findAll(two.subscription.identifier), [])
      one.consumer.disconnect()
      await stage.until(() => count(one.told, "disconnected") === 1)
      two.subscription.perform("echo", { value: "still here" })
      await stage.until(() => count(two.told, "received") === 1)
      stage.equal([count(two.told, "disconnected"), two.consumer.connection.isOpen()], [0, true])
    },
  },
]
