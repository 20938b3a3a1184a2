// What this project uses of @hotwired/turbo-rails, which ships no declarations.

declare module "@hotwired/turbo-rails" {
  export const Turbo: { renderStreamMessage(message: string): void }
  /** Whoever asks for the consumer awaits it. */
  export const cable: { setConsumer(consumer: unknown): void }
}
