// How a message comes into the world: persisted first, broadcast after, once per idempotency key.

import type { Faults } from "./faults.ts"
import type { Draft, Message, Messages } from "./messages.ts"
import type { Timers } from "./timers.ts"

export type Said = { message: Message; created: boolean }

export class Publisher {
  readonly #messages: Messages
  readonly #faults: Faults
  readonly #timers: Timers
  readonly #broadcast: (message: Message) => void
  /** Keys of messages that have an id but are not committed yet: a repeated request waits for the first. */
  readonly #committing = new Map<string, Promise<Message>>()

  constructor(messages: Messages, faults: Faults, timers: Timers, broadcast: (message: Message) => void) {
    this.#messages = messages
    this.#faults = faults
    this.#timers = timers
    this.#broadcast = broadcast
  }

  /** @returns once it is committed; not `created` if this key has been said before, and then nothing is broadcast again */
  async say(draft: Draft): Promise<Said> {
    const { key } = draft
    if (key) {
      const committing = this.#committing.get(key)
      const before = committing ? await committing : this.#messages.byKey(key)
      if (before) return { message: before, created: false }
    }
    const message = this.#faults.commitLate > 0 ? await this.#commitLate(draft) : this.#messages.persist(draft)
    if (!this.#faults.strikes("persistOnly")) this.#broadcast(message)
    return { message, created: true }
  }

  /** As one slow request after the other would, but in one transaction: they are many. */
  sayAll(drafts: readonly Draft[], broadcast: boolean): Message[] {
    const messages = this.#messages.persistAll(drafts)
    if (broadcast) for (const message of messages) this.#broadcast(message)
    return messages
  }

  async #commitLate(draft: Draft): Promise<Message> {
    const createdAt = new Date().toISOString()
    const id = this.#messages.allocate(draft)
    const committed = this.#timers
      .wait(this.#faults.commitLate)
      .then(() => this.#messages.persist(draft, id, createdAt))
    if (draft.key) this.#committing.set(draft.key, committed)
    try {
      return await committed
    } finally {
      if (draft.key) this.#committing.delete(draft.key)
    }
  }
}
