// The public API. A drop-in for `@rails/actioncable`, and what is ours beside it.

export type { ChannelParams, ChannelType } from "./channel.ts"
export { Connection, type CableCommand } from "./connection.ts"
export { Consumer, createConsumer } from "./consumer.ts"
export type { CaughtUp, Delivery } from "./ledger.ts"
export { adapters, ConnectionMonitor, INTERNAL, logger, SubscriptionGuarantor } from "./rails.ts"
export { Subscription, type Callbacks } from "./subscription.ts"
export { Subscriptions } from "./subscriptions.ts"
export { createWebSocketURL, getConfig } from "./url.ts"
export { CableError, type CableErrorCode, type GapReason } from "../shared/errors.ts"
export type { CableState, HostKind, Inspection, StreamInspection } from "../shared/bridge.ts"
export type {
  CatchUpOptions,
  ConsumerOptions,
  Credentials,
  SubscriptionOptions,
  TrustedURL,
} from "../shared/options.ts"
