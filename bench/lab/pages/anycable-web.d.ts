// What the benchmark uses of it, for who checks types without bench's own packages.

declare module "@anycable/web" {
  export type Callbacks = { connected(): void; received(message: unknown): void }
  export function createConsumer(url: string): {
    subscriptions: { create(channel: object, callbacks: Callbacks): unknown }
  }
}
