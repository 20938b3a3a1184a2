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

/** The hub watches the one cable; this watches nothing. */
export class ConnectionMonitor {
  /** Seconds: two missed pings. */
  static staleThreshold = 6
  static reconnectionBackoffRate = 0.15
  readonly connection: unknown

  constructor(connection: unknown) {
    this.connection = connection
  }

  start(): void {}
  stop(): void {}
  isRunning(): boolean {
    return false
  }
}

/** The hub repeats an unconfirmed `subscribe`; this guarantees nothing. */
export class SubscriptionGuarantor {
  readonly subscriptions: unknown

  constructor(subscriptions: unknown) {
    this.subscriptions = subscriptions
  }

  guarantee(_subscription: unknown): void {}
  forget(_subscription: unknown): void {}
}
