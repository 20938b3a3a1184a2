// What TypeScript says to an application, with a channel's types and without. Not run: tsc reads it, here and in the
// packed package (test/package.test.ts). A line after `@ts-expect-error` must not compile.

import { createConsumer, type CaughtUp, type Delivery, type Subscription } from "trunkline"

type Message = { id: number; body: string }
type ChatChannel = {
  params: { id: number; session?: string }
  message: Message
  actions: { speak: { body: string }; typing: undefined }
}

const { subscriptions } = createConsumer("/cable", { identity: "a" })

export function withoutTypes(): void {
  const subscription = subscriptions.create(
    { channel: "ChatChannel", id: 42 },
    {
      greeting: "hello",
      received(message) {
        this.show(message.author.name)
        this.perform("speak", { body: this.greeting })
      },
      show(_text: string) {},
      connected({ reconnected }) {
        const told: boolean = reconnected
        return told
      },
    },
  )
  const sent: boolean = subscription.perform("anything", { at: all() })
  const again: Subscription = subscription.unsubscribe()
  subscription.show(subscription.greeting)
  subscriptions.create("ChatChannel", { received(_message: Message) {} })
  subscriptions.create("ChatChannel")
  subscriptions.create("ChatChannel", null, { after: null, catchUp: { url: "/messages" } })

  // @ts-expect-error: nobody gave it such a method
  subscription.hide()
  // @ts-expect-error: an action has a name
  subscription.perform(42)
  // @ts-expect-error: data is an object
  subscription.perform("speak", "hello")
  // @ts-expect-error: a channel has a name
  subscriptions.create({ id: 42 })
  // @ts-expect-error: not an option
  subscriptions.create("ChatChannel", {}, { afterr: null })
  // @ts-expect-error: `received` is called
  subscriptions.create("ChatChannel", { received: "message" })
  return all(sent, again)
}

export function withAChannel(): void {
  const chat = subscriptions.create<ChatChannel>(
    { channel: "ChatChannel", id: 42 },
    {
      received(message, delivery) {
        const told: [Message, Delivery] = [message, delivery]
        this.perform("typing")
        this["show"](told)
        // @ts-expect-error: a message has no such property
        all(message.author)
        // @ts-expect-error: nor does the channel have this action
        this.perform("shout", { body: "hello" })
      },
      caughtUp(told: CaughtUp) {
        if (told.outcome === "gap") all(told.reason)
      },
      show(_told: unknown) {},
    },
  )
  const typed: Subscription<ChatChannel> = chat
  const untyped: Subscription = chat
  chat.perform("speak", { body: "hello" })
  chat.perform("typing")

  // @ts-expect-error: `speak` takes a body
  chat.perform("speak")
  // @ts-expect-error: and that is text
  chat.perform("speak", { body: 42 })
  // @ts-expect-error: an unknown action
  chat.perform("shout", { body: "hello" })
  // @ts-expect-error: the id is missing
  subscriptions.create<ChatChannel>({ channel: "ChatChannel" })
  // @ts-expect-error: and its type matters
  subscriptions.create<ChatChannel>({ channel: "ChatChannel", id: "42" })
  // @ts-expect-error: a name alone does not say which chat
  subscriptions.create<ChatChannel>("ChatChannel")
  // @ts-expect-error: `received` gets a message
  subscriptions.create<ChatChannel>({ channel: "ChatChannel", id: 42 }, { received(_count: number) {} })
  return all(typed, untyped)
}

export function withAChannelAndAMixin(): void {
  type Mixin = { show(message: Message): void }
  const chat = subscriptions.create<ChatChannel, Mixin>(
    { channel: "ChatChannel", id: 42 },
    {
      received(message) {
        this.show(message)
      },
      show(message) {
        all(message.body)
      },
    },
  )
  chat.show({ id: 1, body: "hello" })
  // @ts-expect-error: not a message
  chat.show("hello")
  // @ts-expect-error: an unknown action
  chat.perform("shout")
}

export function wrongOptions(): void {
  // @ts-expect-error: not an option
  createConsumer("/cable", { identities: "a" })
  // @ts-expect-error: not a host
  createConsumer("/cable", { host: "server" })
}

/** Whatever it is, it is used. */
function all(..._used: unknown[]): void {}
