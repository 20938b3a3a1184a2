// The list of messages: rendered, caught-up, live and own copies of one message are one bubble, in its place.

import type { Author, Message } from "../server/messages.ts"
import { idOf, makeBubble, part, showDelivery, showTime, type Delivery } from "./bubble.ts"
import type { Scroller } from "./scroller.ts"

export class Timeline {
  readonly #list: HTMLElement
  readonly #role: Author
  readonly #scroller: Scroller
  readonly #byId = new Map<number, HTMLElement>()
  /** Own messages that have no place yet, by idempotency key: they stand at the end. */
  readonly #waiting = new Map<string, HTMLElement>()

  constructor(list: HTMLElement, role: Author, scroller: Scroller) {
    this.#list = list
    this.#role = role
    this.#scroller = scroller
    for (const bubble of list.querySelectorAll<HTMLElement>(".message")) {
      const id = idOf(bubble)
      if (id !== null) this.#byId.set(id, bubble)
      showTime(bubble)
    }
  }

  get first(): number | null {
    const [bubble] = this.#list.querySelectorAll<HTMLElement>(".message")
    return bubble ? idOf(bubble) : null
  }

  /** The messages of one side, oldest first. */
  of(author: Author): number[] {
    const bubbles = this.#list.querySelectorAll<HTMLElement>(`.message[data-author="${author}"]`)
    return [...bubbles].flatMap(bubble => idOf(bubble) ?? [])
  }

  bubble(id: number): HTMLElement | null {
    return this.#byId.get(id) ?? null
  }

  has(key: string): boolean {
    return this.#list.querySelector(`[data-key="${CSS.escape(key)}"]`) !== null
  }

  /**
   * A message that was delivered.
   *
   * @param before the message in front of which it belongs, if it comes late
   * @returns false if it is there already
   */
  deliver(message: Message, before: number | null, note: string): boolean {
    if (this.#byId.has(message.id)) return false
    const own = message.client_key === undefined ? undefined : this.#waiting.get(message.client_key)
    if (message.client_key !== undefined) this.#waiting.delete(message.client_key)
    const bubble = own ?? this.#make(message)
    bubble.dataset["id"] = String(message.id)
    showDelivery(bubble, { state: "sent", note })
    part(bubble, "time").setAttribute("datetime", message.created_at)
    showTime(bubble)
    this.#byId.set(message.id, bubble)
    this.#scroller.around(() => this.#list.insertBefore(bubble, this.#place(before)))
    if (message.author !== this.#role && before === null) this.#scroller.count()
    return true
  }

  /** Older messages, oldest first, before all that is shown. */
  prepend(messages: readonly Message[]): void {
    const unknown = messages.filter(({ id }) => !this.#byId.has(id))
    const bubbles = unknown.map(message => {
      const bubble = this.#make(message)
      this.#byId.set(message.id, bubble)
      return bubble
    })
    this.#scroller.around(() => this.#list.prepend(...bubbles))
  }

  /** An own message, shown before the server has it. */
  expect(key: string, body: string): void {
    const createdAt = new Date().toISOString()
    const bubble = makeBubble(document, { body, author: this.#role, own: true, key, createdAt })
    this.#waiting.set(key, bubble)
    this.#scroller.around(() => this.#list.append(bubble))
  }

  /** What became of an own message. Nothing, if it was delivered meanwhile. */
  mark(key: string, delivery: Delivery): void {
    const bubble = this.#waiting.get(key)
    if (bubble) this.#scroller.around(() => showDelivery(bubble, delivery))
  }

  /** An own message that will not be sent after all. Nothing, if it was delivered meanwhile. */
  drop(key: string): void {
    const bubble = this.#waiting.get(key)
    this.#waiting.delete(key)
    if (bubble) this.#scroller.around(() => bubble.remove())
  }

  /** A line that is nobody's message. */
  notice(text: string): void {
    const line = document.createElement("li")
    line.className = "notice"
    line.textContent = text
    this.#scroller.around(() => this.#list.insertBefore(line, this.#place(null)))
  }

  /** Live messages go before own ones that wait: those get their place when they are delivered. */
  #place(before: number | null): Element | null {
    const [waiting = null] = this.#waiting.values()
    if (before === null) return waiting
    return this.#byId.get(before) ?? this.#following(before) ?? waiting
  }

  /** What a message belongs before need not be a message: then it is the next one after that event. */
  #following(event: number): HTMLElement | undefined {
    const bubbles = [...this.#list.querySelectorAll<HTMLElement>(".message")]
    return bubbles.find(bubble => (idOf(bubble) ?? 0) > event)
  }

  #make({ body, author, id, client_key: key, created_at: createdAt }: Message): HTMLElement {
    const own = author === this.#role
    return makeBubble(document, { body, author, own, id, createdAt, ...(key === undefined ? {} : { key }) })
  }
}
