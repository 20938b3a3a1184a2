// What the yardstick uses of @rails/actioncable beside the socket.

declare module "@rails/actioncable" {
  export type Callbacks = { connected(): void; disconnected(): void; received(message: { id: number }): void }
  export function createConsumer(url: string): {
    subscriptions: { create(channel: object, callbacks: Callbacks): unknown }
  }
}
