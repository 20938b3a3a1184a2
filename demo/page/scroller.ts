// The scrolled view: what somebody reads stays where it is, whatever is put above or below it.

/** Pixels from the end within which a reader counts as being there. */
const NEAR_PX = 60

export class Scroller {
  readonly #view: HTMLElement
  readonly #newer: HTMLButtonElement
  #unread = 0

  constructor(view: HTMLElement, newer: HTMLButtonElement, signal: AbortSignal) {
    this.#view = view
    this.#newer = newer
    newer.addEventListener("click", () => this.toEnd(), { signal })
    view.addEventListener("scroll", () => this.#atEnd() && this.#settle(), { signal, passive: true })
    // The keyboard of a phone, a rotated screen, a composer that grew: who was at the end stays there.
    let atEnd = true
    view.addEventListener("scroll", () => (atEnd = this.#atEnd()), { signal, passive: true })
    const resized = new ResizeObserver(() => atEnd && this.toEnd())
    resized.observe(view)
    signal.addEventListener("abort", () => resized.disconnect())
  }

  toEnd(): void {
    this.#view.scrollTop = this.#view.scrollHeight
    this.#settle()
  }

  /** Changes what is in the view; who was at its end follows, anybody else keeps the line that they read. */
  around(change: () => void): void {
    if (this.#atEnd()) {
      change()
      return this.toEnd()
    }
    const anchor = this.#firstVisible()
    const before = anchor?.getBoundingClientRect().top ?? 0
    change()
    if (anchor) this.#view.scrollTop += anchor.getBoundingClientRect().top - before
  }

  /** A message came in below what is in sight. */
  count(): void {
    if (this.#atEnd()) return
    this.#unread += 1
    this.#newer.textContent = this.#unread === 1 ? "1 new message" : `${this.#unread} new messages`
    this.#newer.hidden = false
  }

  #atEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#view
    return scrollHeight - scrollTop - clientHeight < NEAR_PX
  }

  #settle(): void {
    this.#unread = 0
    this.#newer.hidden = true
  }

  #firstVisible(): Element | null {
    const { top } = this.#view.getBoundingClientRect()
    const bubbles = this.#view.querySelectorAll(".message")
    return [...bubbles].find(bubble => bubble.getBoundingClientRect().bottom > top) ?? null
  }
}
