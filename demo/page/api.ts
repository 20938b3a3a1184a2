// The chat's HTTP, as any Rails front end would ask.

import type { Message, MessageType } from "../server/messages.ts"
import type { PageData } from "./data.ts"

const TIMEOUT_MS = 10_000

export type Post = { type?: MessageType; body: string; message_id?: number; idempotency_key: string }
export type Posted = { type: "posted"; message: Message } | { type: "failed"; reason: string }
export type Older = { messages: readonly Message[]; has_more: boolean }

export class Api {
  readonly #data: PageData

  constructor(data: PageData) {
    this.#data = data
  }

  get messagesUrl(): string {
    return `/webchats/${this.#data.webchat}/messages`
  }

  /** Safe to repeat: the server knows an idempotency key again. Never throws. */
  async post(message: Post): Promise<Posted> {
    const { session, conversation, role: author } = this.#data
    try {
      const response = await fetch(this.messagesUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ session, conversation, author, ...message }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (response.ok) return { type: "posted", message: (await response.json()) as Message }
      return { type: "failed", reason: await reasonOf(response) }
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === "TimeoutError"
      return { type: "failed", reason: timedOut ? "The server did not answer" : "The server cannot be reached" }
    }
  }

  /** What came before a message. @throws if it cannot be had */
  async older(before: number, signal: AbortSignal): Promise<Older> {
    const { webchat, session, conversation } = this.#data
    const query = new URLSearchParams({ session, conversation, before_id: String(before) })
    const response = await fetch(`/webchats/${webchat}/history?${query}`, { signal })
    if (!response.ok) throw new Error(await reasonOf(response))
    return (await response.json()) as Older
  }
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: string }
    if (error) return error
  } catch {
    // Not JSON: whatever stands before the server has answered.
  }
  return `The server answered ${response.status}`
}
