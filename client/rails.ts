// What else `@rails/actioncable` exports, for applications that import it. The socket and its supervision are the hub's:
// these classes are here to be imported, subclassed and configured, and do little.

/** Replacing `WebSocket` means that this page wants its own socket: it gets the `page` host. */
export const adapters: { logger: Pick<Console, "log"> | undefined; WebSocket: typeof WebSocket | undefined } = {
  logger: typeof console === "undefined" ? undefined : console,
  WebSocket: typeof WebSocket === "undefined" ? undefined : WebSocket,
}

export const logger = {
  enabled: false,
  log(...messages: unknown[]): void {
    if (this.enabled) adapters.logger?.log("[ActionCable]", ...messages, Date.now())
  },
}

export const INTERNAL = {
  message_types: {
    welcome: "welcome",
    disconnect: "disconnect",
    ping: "ping",
    confirmation: "confirm_subscription",
    rejection: "reject_subscription",
  },
  disconnect_reasons: {
    unauthorized: "unauthorized",
    invalid_request: "invalid_request",
    server_restart: "server_restart",
    remote: "remote",
  },
  default_mount_path: "/cable",
  protocols: ["actioncable-v1-json", "actioncable-unsupported"],
}

/** A page that watches its own cable. The hub's cable is watched by the hub: there, `start` and `stop` change nothing. */
export class ConnectionMonitor {
  /** Seconds of silence, two missed pings, after which a cable is dead. A page with its own `WebSocket` may change it. */
  static staleThreshold = 6
  /** Rails'; the hub has its own. */
  static reconnectionBackoffRate = 0.15
  readonly connection: { isActive?(): boolean }
  /** The hub counts its attempts by itself. */
  reconnectAttempts = 0

  constructor(connection: { isActive?(): boolean }) {
    this.connection = connection
  }

  start(): void {}
  stop(): void {}

  isRunning(): boolean {
    return !!this.connection.isActive?.()
  }
}

/** The hub repeats an unconfirmed `subscribe`; this guarantees nothing. */
export class SubscriptionGuarantor {
  readonly subscriptions: unknown
  readonly pendingSubscriptions: readonly unknown[] = []

  constructor(subscriptions: unknown) {
    this.subscriptions = subscriptions
  }

  guarantee(_subscription: unknown): void {}
  forget(_subscription: unknown): void {}
}
