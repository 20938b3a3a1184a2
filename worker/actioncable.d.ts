// What this project uses of @rails/actioncable, which ships no declarations.

declare module "@rails/actioncable" {
  export type ConnectionEvents = {
    open(): void
    message(event: MessageEvent): void
    close(event: CloseEvent): void
    error(): void
  }

  export const adapters: { WebSocket: typeof WebSocket }

  export class Connection {
    constructor(consumer: { url: string; subprotocols: string[]; subscriptions: unknown })
    events: ConnectionEvents
    monitor: { start(): void; stop(): void }
    webSocket?: WebSocket
    open(): boolean
    isProtocolSupported(): boolean
    uninstallEventHandlers(): void
  }
}
