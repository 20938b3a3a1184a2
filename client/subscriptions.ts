// The subscriptions of one consumer: creates, finds and removes them. Named and answering as in Rails; the hub does the
// work.

import { CableError } from "../shared/errors.ts"
import { resolveSubscriptionOptions, type Resolved, type SubscriptionOptions } from "../shared/options.ts"
import type { ChannelType, Json, ParamsOf } from "./channel.ts"
import type { Consumer } from "./consumer.ts"
import { Ledger, type Tell } from "./ledger.ts"
import { randomId } from "./presence.ts"
import { SubscriptionGuarantor } from "./rails.ts"
import { sessionOf, type Member } from "./session.ts"
import { Subscription, type Callbacks } from "./subscription.ts"

/** Kept apart from the object, whose properties are the application's; and for longer than it is subscribed. */
const members = new WeakMap<Subscription, Member>()

export class Subscriptions {
  readonly consumer: Consumer
  readonly guarantor = new SubscriptionGuarantor(this)
  subscriptions: Subscription[] = []

  constructor(consumer: Consumer) {
    this.consumer = consumer
  }

  /**
   * Subscribes to a channel, by name or by name and parameters.
   *
   * @throws CableError for what cannot work, before anything is sent
   */
  create<Channel extends ChannelType, Mixin extends object>(
    channel: ParamsOf<Channel>,
    mixin?: (Mixin & Callbacks<Channel> & ThisType<Subscription<Channel> & Mixin>) | null,
    options?: SubscriptionOptions,
  ): Subscription<Channel> & Mixin
  /** With the channel's type said, the mixin's own properties are not looked at: TypeScript infers all types or none. */
  create<Channel extends ChannelType>(
    channel: ParamsOf<Channel>,
    mixin?: (Record<string, Json> & Callbacks<Channel> & ThisType<Subscription<Channel> & Record<string, Json>>) | null,
    options?: SubscriptionOptions,
  ): Subscription<Channel>
  create(channel: string | object, mixin?: object | null, options: SubscriptionOptions = {}): Subscription {
    const resolved = resolveSubscriptionOptions(options, document.baseURI)
    const params = typeof channel === "object" ? channel : { channel }
    const own = resolved.share ? params : { ...params, _trunkline: randomId() }
    const subscription = new Subscription(this.consumer, own, mixin)
    members.set(subscription, enlist(subscription, resolved))
    return this.add(subscription)
  }

  add<S extends Subscription>(subscription: S): S {
    sessionOf(this.consumer) // throws for a URL that is none, before anything else
    this.subscriptions.push(subscription)
    this.consumer.ensureActiveConnection()
    tell(subscription)("initialized")
    this.subscribe(subscription)
    return subscription
  }

  remove<S extends Subscription>(subscription: S): S {
    return this.forget(subscription)
  }

  reject(identifier: string): Subscription[] {
    return this.findAll(identifier).map(subscription => {
      this.forget(subscription)
      this.notify(subscription, "rejected")
      return subscription
    })
  }

  forget<S extends Subscription>(subscription: S): S {
    this.subscriptions = this.subscriptions.filter(other => other !== subscription)
    sessionOf(this.consumer).leave(memberOf(subscription))
    return subscription
  }

  findAll(identifier: string): Subscription[] {
    return this.subscriptions.filter(subscription => subscription.identifier === identifier)
  }

  /** Subscribes what is not subscribed; the hub renews everything else by itself. */
  reload(): void[] {
    return this.subscriptions.map(subscription => this.subscribe(subscription))
  }

  notifyAll(callback: string, ...args: unknown[]): unknown[] {
    return this.subscriptions.map(subscription => this.notify(subscription, callback, ...args))
  }

  notify(subscription: Subscription | string, callback: string, ...args: unknown[]): unknown[] {
    const notified = typeof subscription === "string" ? this.findAll(subscription) : [subscription]
    return notified.map(each => call(each, callback, args))
  }

  subscribe(subscription: Subscription): void {
    sessionOf(this.consumer).join(memberOf(subscription))
  }

  /** The hub has heard the server's confirmation before this page hears of it. */
  confirmSubscription(_identifier: string): void {}

  /** @returns whether it was sent: only messages are, and `subscribe` and `unsubscribe` are the hub's */
  sendCommand({ identifier }: Subscription, command: string): boolean {
    return this.consumer.send({ command, identifier })
  }
}

/** An object that was made without `create` has no options. */
function memberOf(subscription: Subscription): Member {
  let member = members.get(subscription)
  if (!member) members.set(subscription, (member = enlist(subscription, resolveSubscriptionOptions({}, ""))))
  return member
}

function enlist(subscription: Subscription, { start, catchUp, message, settings }: Resolved): Member {
  const { identifier } = subscription
  try {
    const want = structuredClone({ identifier, catchUp, message, settings })
    return { number: 0, want, ledger: new Ledger(start, catchUp !== null, tell(subscription)) }
  } catch (cause) {
    throw new CableError("bad-option", "Headers and filters must be plain values.", { cause })
  }
}

function call(subscription: Subscription, name: string, args: readonly unknown[]): unknown {
  const callback: unknown = (subscription as unknown as Record<string, unknown>)[name]
  return typeof callback === "function" ? callback.apply(subscription, args) : undefined
}

/** A callback that throws is reported like any uncaught error and stops nothing. */
function tell(subscription: Subscription): Tell {
  return (name, ...args) => {
    if (name === "rejected") subscription.consumer.subscriptions.forget(subscription)
    try {
      call(subscription, name, args)
    } catch (error) {
      reportError(error)
    }
  }
}

/** Told later: no callback runs within a call of the application. */
export function leave(subscription: Subscription, willAttemptReconnect: boolean): void {
  if (!sessionOf(subscription.consumer).leave(memberOf(subscription))) return
  queueMicrotask(() => tell(subscription)("disconnected", { willAttemptReconnect }))
}
