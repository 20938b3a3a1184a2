// How the tests' pages subscribe to the embedded server's chat.

import type { ConsumerOptions, SubscriptionOptions } from "../../../client/index.ts"
import type { PageOptions } from "../fixture/told.ts"

export type ChatOptions = {
  after: NonNullable<SubscriptionOptions["after"]> | null
  conversation?: string
  session?: string
  /** Messages per page of catch-up. */
  limit?: number
  consumer?: ConsumerOptions
  /** Everything else that a subscription can be told. */
  subscription?: SubscriptionOptions
}

/** A page with one subscription, named `chat`. */
export function chat(options: ChatOptions): PageOptions {
  const { after, conversation = "c1", session = "s1", limit = 200, consumer, subscription } = options
  return {
    consumer: { identity: "visitor", ...consumer },
    subscriptions: {
      chat: {
        channel: { channel: "WebchatChannel", id: 42, session, conversation },
        options: {
          after,
          catchUp: { url: "/webchats/42/messages", params: { session, conversation }, limit },
          ...subscription,
        },
      },
    },
  }
}

/** The identifier that such a page's subscription has on the wire. */
export function chatIdentifier({ conversation = "c1", session = "s1" } = {}): string {
  return JSON.stringify({ channel: "WebchatChannel", id: 42, session, conversation })
}

/** `from`, … `to`: what the server's ids are, as nothing is ever deleted. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n)
}
