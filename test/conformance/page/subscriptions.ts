// Making, finding and ending subscriptions.

import type { Sentence } from "./sentence.ts"
import type { Told } from "./stage.ts"

const count = (told: readonly Told[], wanted: string) => told.filter(([name]) => name === wanted).length

export const subscriptions: readonly Sentence[] = [
  {
    says: "create() takes a channel's name, or its parameters in their order",
    run(stage) {
      const { subscriptions } = stage.consumer()
      stage.equal(subscriptions.create("EchoChannel").identifier, '{"channel":"EchoChannel"}')
      stage.equal(
        subscriptions.create({ id: 1, channel: "EchoChannel" }).identifier,
        '{"id":1,"channel":"EchoChannel"}',
      )
    },
  },
  {
    says: "create() answers the subscription, with the mixin's own and inherited properties",
    run(stage) {
      const { Subscription } = stage.api
      const consumer = stage.consumer()
      const mixin: { own: number; inherited?: string } = Object.assign(Object.create({ inherited: "yes" }), { own: 1 })
      const subscription = consumer.subscriptions.create(stage.channel(), mixin)
      stage.equal(subscription instanceof Subscription, true)
      stage.equal([subscription.own, subscription.inherited], [1, "yes"])
      stage.equal(subscription.consumer === consumer, true)
      stage.equal(consumer.subscriptions.subscriptions.length, 1)
    },
  },
  {
    says: "`initialized` is called within create(), `connected` after the server's confirmation",
    async run(stage) {
      const { told, mixin } = stage.listener()
      stage.consumer().subscriptions.create(stage.channel(), mixin)
      stage.equal(told, [["initialized"]])
      await stage.until(() => told.length > 1)
      stage.equal(told.slice(1), [["connected", { reconnected: false }]])
    },
  },
  {
    says: "callbacks have the subscription as `this`",
    async run(stage) {
      const seen: unknown[] = []
      const subscription = stage.consumer().subscriptions.create(stage.channel(), {
        name: "mine",
        initialized() {
          seen.push(this.name)
        },
        connected() {
          this.perform("echo", { value: "hello" })
        },
        received(message: unknown) {
          seen.push(message, this === subscription)
        },
      })
      await stage.until(() => seen.length === 3)
      stage.equal(seen, ["mine", "hello", true])
    },
  },
  {
    says: "subscriptions made while connecting are subscribed once the cable is open, in their order",
    async run(stage) {
      await stage.control({ reset: true })
      const { subscriptions } = stage.consumer()
      const channels = [stage.channel(), stage.channel(), stage.channel()]
      const all = channels.map(channel => {
        const { told, mixin } = stage.listener()
        subscriptions.create(channel, mixin)
        return told
      })
      await stage.until(() => all.every(told => count(told, "connected") === 1))
      stage.equal(
        await stage.commands(),
        channels.map(channel => `subscribe ${JSON.stringify(channel)}`),
      )
    },
  },
  {
    says: "a rejected subscription is told, and is none any more",
    async run(stage) {
      const { told, mixin } = stage.listener()
      const { subscriptions } = stage.consumer()
      const subscription = subscriptions.create({ channel: "WebchatChannel", session: "bad" }, mixin)
      await stage.until(() => count(told, "rejected") === 1)
      stage.equal(told, [["initialized"], ["rejected"]])
      stage.equal([subscriptions.findAll(subscription.identifier), subscriptions.subscriptions], [[], []])
    },
  },
  {
    says: "a rejection is told to all subscriptions of the identifier",
    async run(stage) {
      const { subscriptions } = stage.consumer()
      const all = [stage.listener(), stage.listener()]
      for (const { mixin } of all) subscriptions.create({ channel: "WebchatChannel", session: "bad" }, mixin)
      for (const { told } of all) await stage.until(() => count(told, "rejected") === 1)
    },
  },
  {
    says: "a second subscription to one identifier is confirmed",
    rails: "the server does not answer a second subscribe",
    async run(stage) {
      const { subscriptions } = stage.consumer()
      const channel = stage.channel()
      const [one, two] = [stage.listener(), stage.listener()]
      subscriptions.create(channel, one.mixin)
      await stage.until(() => count(one.told, "connected") === 1)
      subscriptions.create(channel, two.mixin)
      await stage.until(() => count(two.told, "connected") === 1)
      stage.equal(count(one.told, "connected"), 1)
    },
  },
  {
    says: "subscriptions to one identifier receive each message, once each",
    async run(stage) {
      const { subscriptions } = stage.consumer()
      const channel = stage.channel()
      const [one, two] = [stage.listener(), stage.listener()]
      const subscription = subscriptions.create(channel, one.mixin)
      subscriptions.create(channel, two.mixin)
      await stage.until(() => count(one.told, "connected") === 1)
      for (const value of [1, 2]) {
        subscription.perform("broadcast", { value })
        for (const { told } of [one, two]) await stage.until(() => count(told, "received") === value)
      }
      for (const { told } of [one, two]) {
        stage.equal(
          told.filter(([name]) => name === "received"),
          [
            ["received", 1],
            ["received", 2],
          ],
        )
      }
    },
  },
  {
    says: "unsubscribe() answers the subscription, which hears nothing more, and tells the server",
    async run(stage) {
      const { subscription, told, consumer } = await stage.connected()
      stage.equal(subscription.unsubscribe() === subscription, true)
      stage.equal(consumer.subscriptions.subscriptions, [])
      const { identifier } = subscription
      await stage.until(async () => (await stage.commands()).includes(`unsubscribe ${identifier}`))
      await stage.control({ broadcast: { identifier, message: "too late" } })
      await stage.connected(consumer)
      stage.equal(told, [["initialized"], ["connected", { reconnected: false }]])
    },
  },
  {
    says: "one of two subscriptions to one identifier may leave",
    async run(stage) {
      await stage.control({ reset: true })
      const { subscriptions } = stage.consumer()
      const channel = stage.channel()
      const [one, two] = [stage.listener(), stage.listener()]
      const leaving = subscriptions.create(channel, one.mixin)
      const staying = subscriptions.create(channel, two.mixin)
      await stage.until(() => count(one.told, "connected") === 1)
      leaving.unsubscribe()
      staying.perform("broadcast", { value: "for who stays" })
      await stage.until(() => count(two.told, "received") === 1)
      stage.equal(count(one.told, "received"), 0)
      stage.equal(
        (await stage.commands()).filter(command => command.startsWith("unsubscribe")),
        [],
      )
    },
  },
  {
    says: "who left may subscribe again",
    async run(stage) {
      const { subscription, consumer } = await stage.connected()
      subscription.unsubscribe()
      await stage.until(async () => (await stage.commands()).includes(`unsubscribe ${subscription.identifier}`))
      const { told, mixin } = stage.listener()
      const again = consumer.subscriptions.create(JSON.parse(subscription.identifier) as { channel: string }, mixin)
      await stage.until(() => count(told, "connected") === 1)
      again.perform("echo", { value: "hello" })
      await stage.until(() => count(told, "received") === 1)
    },
  },
  {
    says: "a callback may subscribe and unsubscribe",
    async run(stage) {
      const { told, mixin } = stage.listener()
      const other = stage.channel()
      const seen: unknown[] = []
      stage.consumer().subscriptions.create(stage.channel(), {
        connected() {
          this.consumer.subscriptions.create(other, mixin)
          this.perform("echo", { value: 1 })
          this.perform("echo", { value: 2 })
        },
        received(message: unknown) {
          seen.push(message)
          this.unsubscribe()
        },
      })
      await stage.until(() => count(told, "connected") === 1 && seen.length > 0)
      stage.equal(seen.length, 1)
    },
  },
  {
    says: "the collection finds, notifies and forgets as it says",
    run(stage) {
      const { subscriptions } = stage.consumer()
      const answer = { ask: (question: string) => `${question}!` }
      const [a, b] = [stage.channel(), stage.channel()]
      const [one, two, three] = [
        subscriptions.create(a, answer),
        subscriptions.create(a, answer),
        subscriptions.create(b, answer),
      ]
      const found = subscriptions.findAll(one.identifier)
      stage.equal([found.length, found[0] === one, found[1] === two], [2, true, true])
      stage.equal(subscriptions.notify(one.identifier, "ask", "who"), ["who!", "who!"])
      stage.equal(subscriptions.notify(three, "ask", "who"), ["who!"])
      stage.equal(subscriptions.notifyAll("ask", "all"), [["all!"], ["all!"], ["all!"]])
      stage.equal(subscriptions.reload().length, 3)
      stage.equal(subscriptions.remove(one) === one, true)
      stage.equal(subscriptions.forget(two) === two, true)
      const rejected = subscriptions.reject(three.identifier)
      stage.equal([rejected.length, rejected[0] === three, subscriptions.subscriptions.length], [1, true, 0])
      stage.equal(subscriptions.add(one) === one, true)
    },
  },
]
