// What is sent and what is received.

import type { Sentence } from "./sentence.ts"
import type { Told } from "./stage.ts"

const received = (told: readonly Told[]) => told.filter(([name]) => name === "received").map(([, message]) => message)

export const messages: readonly Sentence[] = [
  {
    says: "perform() sends the action and its data",
    async run(stage) {
      const { subscription, told } = await stage.connected()
      stage.equal(subscription.perform("echo", { text: "hello", n: 1 }), true)
      await stage.until(() => received(told).length === 1)
      stage.equal(received(told), [{ text: "hello", n: 1, action: "echo" }])
      subscription.perform("echo")
      await stage.until(() => received(told).length === 2)
      stage.equal(received(told)[1], { action: "echo" })
    },
  },
  {
    says: "perform() leaves its argument alone",
    rails: "it writes the action into it",
    async run(stage) {
      const { subscription } = await stage.connected()
      const data = { text: "hello" }
      subscription.perform("echo", data)
      stage.equal(data, { text: "hello" })
    },
  },
  {
    says: "send() sends data as it is, and so does the consumer's",
    async run(stage) {
      const { subscription, told, consumer } = await stage.connected()
      const { identifier } = subscription
      stage.equal(subscription.send({ action: "echo", value: 1 }), true)
      await stage.until(() => received(told).length === 1)
      const data = JSON.stringify({ action: "echo", value: 2 })
      stage.equal(consumer.send({ command: "message", identifier, data }), true)
      await stage.until(() => received(told).length === 2)
      stage.equal(received(told), [1, 2])
    },
  },
  {
    says: "messages are any JSON, falsy ones too",
    async run(stage) {
      const { subscription, told } = await stage.connected()
      const values = [{ a: [1] }, "text", "", 0, false, null, [], 1.5]
      for (const [n, value] of values.entries()) {
        subscription.perform("echo", { value })
        await stage.until(() => received(told).length > n)
      }
      stage.equal(received(told), values)
    },
  },
  {
    says: "messages come in the server's order",
    unkept: "it runs actions in a pool of threads",
    async run(stage) {
      const { subscription, told } = await stage.connected()
      const values = [1, 2, 3, 4, 5, 6, 7, 8]
      for (const value of values) subscription.perform("echo", { value })
      await stage.until(() => received(told).length === values.length)
      stage.equal(received(told), values)
    },
  },
  {
    says: "the same message twice is two messages",
    async run(stage) {
      const { subscription, told } = await stage.connected()
      for (let n = 0; n < 2; n++) subscription.perform("broadcast", { value: { id: 42, status: "read" } })
      await stage.until(() => received(told).length === 2)
    },
  },
  {
    says: "a callback that throws stops neither the next message nor other subscriptions",
    async run(stage) {
      const consumer = stage.consumer()
      const channel = stage.channel()
      const seen: unknown[] = []
      const { told, mixin } = stage.listener()
      addEventListener("error", event => event.preventDefault(), { once: true })
      const subscription = consumer.subscriptions.create(channel, {
        connected() {
          this.perform("echo", { value: 1 })
          this.perform("echo", { value: 2 })
        },
        received(message: unknown) {
          seen.push(message)
          if (message === 1) throw new Error("The application's own mistake")
        },
      })
      await stage.until(() => seen.length === 2)
      consumer.subscriptions.create(stage.channel(), mixin)
      await stage.until(() => told.some(([name]) => name === "connected"))
      stage.equal(subscription.perform("echo"), true)
    },
  },
  {
    says: "a callback that throws does not keep the message from other subscriptions to the identifier",
    rails: "it leaves the loop over them",
    async run(stage) {
      const { subscriptions } = stage.consumer()
      const channel = stage.channel()
      const { told, mixin } = stage.listener()
      addEventListener("error", event => event.preventDefault(), { once: true })
      subscriptions.create(channel, {
        connected() {
          this.perform("broadcast", { value: 1 })
        },
        received() {
          throw new Error("The application's own mistake")
        },
      })
      subscriptions.create(channel, mixin)
      await stage.until(() => received(told).length === 1)
    },
  },
  {
    says: "frames that nobody can read are survived",
    async run(stage) {
      const { subscription, told } = await stage.connected()
      addEventListener("error", event => event.preventDefault(), { once: true })
      await stage.control({ raw: "this is {not JSON" })
      await stage.control({ raw: '{"identifier":"{\\"channel\\":\\"Unknown\\"}","message":1}' })
      await stage.control({ raw: '{"type":"unheard of"}' })
      subscription.perform("echo", { value: "hello" })
      await stage.until(() => received(told).length === 1)
      stage.equal(received(told), ["hello"])
    },
  },
]
