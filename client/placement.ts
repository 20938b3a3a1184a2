// Where a persisted message belongs among those that its subscription was given before, in the order in which the
// application shows them. A message that belongs at the end, as nearly all do, costs no search.

import type { Id } from "../shared/position.ts"

/** `loose`: it came live and no page has yet told its place. */
type Shown = { id: Id; at: number | null; integer: boolean; loose: boolean }

/** How far back a late message finds its place; what belongs further up is told only by the page that returns it. */
const SHOWN_LIMIT = 512

const INTEGER = /^(0|[1-9]\d*)$/

export class Placement {
  /** In display order. */
  readonly #shown: Shown[] = []
  /** None was shown that is known to come later. */
  #top: Shown | undefined
  /** Some ids are integers and others are not: `#top` then speaks for one kind only. */
  #mixed = false

  /** What the page showed before the first message came. */
  rendered(ids: readonly Id[]): void {
    for (const id of ids.slice(-SHOWN_LIMIT)) this.#insert(shown(id, null, false), undefined)
  }

  /** @returns the id before which a live message belongs; `undefined` for the end */
  live(id: Id, at: number | null): Id | undefined {
    const message = shown(id, at, true)
    const before = this.#later(message)
    this.#insert(message, before)
    return before
  }

  /**
   * Reads a caught-up page: the server's own order.
   *
   * @param ids all ids of the page
   * @param isGiven whether a message was given before
   * @returns to be called for each missing one in turn: before which id does it belong?
   */
  page(ids: readonly Id[], isGiven: (id: Id) => boolean): (id: Id, at: number | null) => Id | undefined {
    const returned = new Set(ids)
    for (const message of this.#shown) if (returned.has(message.id)) message.loose = false
    const loose = this.#shown.filter(message => message.loose)
    const later = new Map<Id, Id | undefined>()
    let next: Id | undefined
    for (const id of ids.toReversed()) {
      later.set(id, next)
      if (isGiven(id)) next = id
    }
    return (id, at) => {
      const message = shown(id, at, false)
      // A live message that the page lacks came after it was asked, unless ids or times say otherwise.
      const before = later.get(id) ?? loose.find(other => !isLater(message, other))?.id
      this.#insert(message, before)
      return before
    }
  }

  /** The nearest shown message that is known to come later. */
  #later(message: Shown): Id | undefined {
    const top = this.#top
    if (!top || (!this.#mixed && top.integer === message.integer && !isLater(top, message))) return undefined
    let nearest: Shown | undefined
    for (const other of this.#shown) {
      if (isLater(other, message) && (!nearest || isLater(nearest, other))) nearest = other
    }
    return nearest?.id
  }

  #insert(message: Shown, before: Id | undefined): void {
    if ((this.#shown[0] ?? message).integer !== message.integer) this.#mixed = true
    if (before === undefined) {
      this.#shown.push(message)
      const isComparable = message.integer || message.at !== null
      if (isComparable && !(this.#top && isLater(this.#top, message))) this.#top = message
    } else {
      const index = this.#shown.findIndex(({ id }) => id === before)
      if (index >= 0) this.#shown.splice(index, 0, message)
    }
    if (this.#shown.length > SHOWN_LIMIT) this.#shown.shift()
  }
}

function shown(id: Id, at: number | null, loose: boolean): Shown {
  return { id, at, integer: INTEGER.test(id), loose }
}

/** Known to come later in the server's order: by integer ids, else by time. Integers may be longer than a double. */
function isLater(a: Shown, b: Shown): boolean {
  if (a.integer && b.integer) return a.id.length === b.id.length ? a.id > b.id : a.id.length > b.id.length
  return a.at !== null && b.at !== null && a.at > b.at
}
