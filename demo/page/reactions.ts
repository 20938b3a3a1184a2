// Reactions: events of their own, which may come before the message that they belong to is shown.

import type { Author, Message } from "../server/messages.ts"
import { part } from "./bubble.ts"

type Given = { event: number; given: boolean }

export class Reactions {
  readonly #role: Author
  readonly #bubble: (id: number) => HTMLElement | null
  /** By message, then by emoji and author: whether it is given, as of which event. */
  readonly #given = new Map<number, Map<string, Given>>()

  constructor(role: Author, bubble: (id: number) => HTMLElement | null) {
    this.#role = role
    this.#bubble = bubble
  }

  /** In any order: the later event counts. */
  apply({ id: event, type, author, body, message_id: message }: Message): void {
    if (message === undefined) return
    const given = this.#given.get(message) ?? new Map<string, Given>()
    this.#given.set(message, given)
    const key = `${body} ${author}`
    if ((given.get(key)?.event ?? 0) > event) return
    given.set(key, { event, given: type === "reaction.created" })
    this.show(message)
  }

  gave(message: number, emoji: string): boolean {
    return this.#given.get(message)?.get(`${emoji} ${this.#role}`)?.given ?? false
  }

  /** Also when a message comes into the page after its reactions. */
  show(message: number): void {
    const bubble = this.#bubble(message)
    const given = this.#given.get(message)
    if (!bubble || !given) return
    const counts = new Map<string, number>()
    for (const [key, { given: is }] of given) {
      const [emoji = ""] = key.split(" ")
      if (is) counts.set(emoji, (counts.get(emoji) ?? 0) + 1)
    }
    const pills = [...counts].map(([emoji, count]) => {
      const pill = document.createElement("button")
      pill.type = "button"
      pill.className = "pill message__react"
      pill.dataset["emoji"] = emoji
      pill.ariaPressed = String(this.gave(message, emoji))
      pill.textContent = count > 1 ? `${emoji} ${count}` : emoji
      return pill
    })
    part(bubble, "reactions").replaceChildren(...pills)
    for (const button of bubble.querySelectorAll<HTMLElement>(".message__tools .message__react")) {
      button.ariaPressed = String(this.gave(message, button.dataset["emoji"] ?? ""))
    }
  }
}
