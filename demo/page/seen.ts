// What was seen: how many of the other side's messages were not, in the title; and which of ours the other side saw.

import type { Author } from "../server/messages.ts"
import { otherSide } from "./event.ts"
import type { Timeline } from "./timeline.ts"

export class Seen {
  readonly #role: Author
  readonly #timeline: Timeline
  readonly #tell: (message: number) => void
  readonly #title = document.title.replace(/^\(\d+\) /, "")
  readonly #unseen: Set<number>
  #byOther: number

  /** @param tell lets the server know that everything up to a message was seen */
  constructor(
    role: Author,
    seen: Readonly<Record<Author, number>>,
    timeline: Timeline,
    tell: (message: number) => void,
    signal: AbortSignal,
  ) {
    this.#role = role
    this.#timeline = timeline
    this.#tell = tell
    this.#byOther = seen[otherSide(role)]
    this.#unseen = new Set(timeline.of(otherSide(role)).filter(id => id > seen[role]))
    document.addEventListener("visibilitychange", () => this.look(), { signal })
    signal.addEventListener("abort", () => (document.title = this.#title))
    this.look()
    this.#mark()
  }

  /** A message of the other side came in. */
  add(message: number): void {
    this.#unseen.add(message)
    this.look()
  }

  /** Somebody saw everything up to a message; maybe we, in another tab. */
  apply(author: Author, message: number): void {
    if (author === this.#role) {
      for (const id of this.#unseen) if (id <= message) this.#unseen.delete(id)
      this.#count()
    } else if (message > this.#byOther) {
      this.#byOther = message
      this.#mark()
    }
  }

  /** Whoever has the page before their eyes has seen what is in it. */
  look(): void {
    if (document.visibilityState === "visible" && this.#unseen.size > 0) {
      this.#tell(Math.max(...this.#unseen))
      this.#unseen.clear()
    }
    this.#count()
  }

  #count(): void {
    document.title = this.#unseen.size === 0 ? this.#title : `(${this.#unseen.size}) ${this.#title}`
  }

  /** "Seen" stands below the last one only. */
  #mark(): void {
    const last = this.#timeline.of(this.#role).findLast(id => id <= this.#byOther)
    for (const marked of document.querySelectorAll(".message--seen")) marked.classList.remove("message--seen")
    if (last !== undefined) this.#timeline.bubble(last)?.classList.add("message--seen")
  }
}
