// One subscription to a channel, as an application holds it. Its identifier names it to the server; the application's own
// methods and callbacks are copied onto it.
//
//   consumer.subscriptions.create({ channel: "ChatChannel", id: 42 }, {
//     received(message, { late }) { insert(message, late?.before) },
//     typing() { this.perform("typing", { at: Date.now() }) },
//   })

import { CableError } from "../shared/errors.ts"
import type { ChannelType, MessageOf, PerformOf } from "./channel.ts"
import type { Consumer } from "./consumer.ts"
import type { Delivery, Told } from "./ledger.ts"

/** What an application may be told. `this` is the subscription. */
export interface Callbacks<Channel extends ChannelType = ChannelType> {
  /** Within `create`, before anything is sent. */
  initialized?(): void
  /** The server has confirmed. */
  connected?(...told: Told["connected"]): void
  disconnected?(...told: Told["disconnected"]): void
  /** The server has refused; the subscription is over. */
  rejected?(): void
  received?(message: MessageOf<Channel>, delivery: Delivery): void
  /** Once per attach, reconnect, change of hub or overflow: everything up to here is complete, or a gap is told. */
  caughtUp?(...told: Told["caughtUp"]): void
}

export class Subscription<Channel extends ChannelType = ChannelType> {
  readonly consumer: Consumer
  readonly identifier: string

  /** @throws CableError `bad-identifier` */
  constructor(consumer: Consumer, params: object = {}, mixin?: object | null) {
    this.consumer = consumer
    this.identifier = serialise(params)
    // As Rails: inherited properties too.
    for (const key in mixin) Object.assign(this, { [key]: (mixin as Record<string, unknown>)[key] })
  }

  /**
   * Calls an action of the channel, without waiting for it. `data` is left as it is.
   *
   * @returns whether the cable was open
   */
  perform(...[action, data]: PerformOf<Channel>): boolean {
    return this.send({ ...data, action })
  }

  send(data: unknown): boolean {
    return this.consumer.send({ command: "message", identifier: this.identifier, data: JSON.stringify(data) })
  }

  unsubscribe(): this {
    this.consumer.subscriptions.remove(this as Subscription)
    return this
  }
}

function serialise(params: object): string {
  let cause: unknown
  try {
    const identifier: string | undefined = JSON.stringify(params)
    if (identifier !== undefined) return identifier
  } catch (error) {
    cause = error
  }
  throw new CableError("bad-identifier", "The channel and its parameters must be writable as JSON.", { cause })
}
