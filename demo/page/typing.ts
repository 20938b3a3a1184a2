// Who is typing. Sent at most every 3 s; shown for 30 s, renewed by repeats, cleared by a message.

import { find } from "./dom.ts"

const SEND_EVERY_MS = 3_000
const SHOW_FOR_MS = 30_000

export class Typing {
  readonly #line: HTMLElement
  readonly #tell: () => void
  #toldAt = -Infinity
  #ends: ReturnType<typeof setTimeout> | undefined

  /** @param tell performs the action that tells the others */
  constructor(line: HTMLElement, tell: () => void, signal: AbortSignal) {
    this.#line = line
    this.#tell = tell
    signal.addEventListener("abort", () => this.clear())
  }

  typed(): void {
    const now = performance.now()
    if (now - this.#toldAt < SEND_EVERY_MS) return
    this.#toldAt = now
    this.#tell()
  }

  /** The message is out: the next keystroke is worth telling at once. */
  sent(): void {
    this.#toldAt = -Infinity
  }

  show(name: string): void {
    clearTimeout(this.#ends)
    this.#ends = setTimeout(() => this.clear(), SHOW_FOR_MS)
    find(this.#line, ".typing__text", HTMLElement).textContent = `${name} is typing`
    this.#line.hidden = false
  }

  clear(): void {
    clearTimeout(this.#ends)
    this.#line.hidden = true
  }
}
