// Where a persisted message belongs among those that its subscription was given before, in the order in which the
// application shows them. A message that belongs at the end, as nearly all do, costs no search.

import type { Id } from "../shared/position.ts"

/** `loose`: it came live and no page has yet told its place. */
type Shown = { id: Id; at: number | null; integer: boolean; loose: boolean }

/** How far back a late message finds its place, at least; what belongs further up is told only by the page that returns it. */
const SHOWN_LIMIT = 4_096

const INTEGER = /^(0|[1-9]\d*)$/

export class Placement {
  /** In display order. */
  #shown: Shown[] = []

  /** What the page showed before the first message came. */
  rendered(ids: readonly Id[]): void {
    this.#shown.push(...ids.slice(-SHOWN_LIMIT).map(id => shown(id, null, false)))
  }

  /** @returns the id before which a live message belongs; `undefined` for the end */
  live(id: Id, at: number | null): Id | undefined {
    const message = shown(id, at, true)
    return this.#insert(message, this.#later(message))
  }

  /**
   * Reads a caught-up page: the server's own order.
   *
   * @param ids all ids of the page
   * @param isGiven whether a message was given before
   * @returns to be called for each missing one in turn: before which id does it belong?
   */
  page(ids: readonly Id[], isGiven: (id: Id) => boolean): (id: Id, at: number | null) => Id | undefined {
    const later = new Map<Id, Id | undefined>()
    let next: Id | undefined
    for (const id of ids.toReversed()) {
      later.set(id, next)
      if (isGiven(id)) next = id
    }
    const loose: Shown[] = []
    for (const message of this.#shown) {
      if (!message.loose) continue
      message.loose = !later.has(message.id)
      if (message.loose) loose.push(message)
    }
    return (id, at) => {
      const message = shown(id, at, false)
      // Beyond the page, ids or times tell; where they do not, a live message that the page lacks came after it was asked.
      const before = later.get(id) ?? this.#later(message) ?? loose.find(other => !isLater(message, other))?.id
      return this.#insert(message, before)
    }
  }

  /** Looks back from the end, past what is later and what cannot be compared, until something is earlier. */
  #later(message: Shown): Id | undefined {
    let before: Id | undefined
    if (!message.integer && message.at === null) return before
    for (let i = this.#shown.length; i-- > 0;) {
      const other = this.#shown[i]
      if (!other || isLater(message, other)) break
      if (isLater(other, message)) before = other.id
    }
    return before
  }

  #insert(message: Shown, before: Id | undefined): Id | undefined {
    // What is not found was shown too long ago, and so was this one's place.
    const index = before === undefined ? this.#shown.length : this.#shown.findIndex(({ id }) => id === before)
    if (index >= 0) this.#shown.splice(index, 0, message)
    if (this.#shown.length > 2 * SHOWN_LIMIT) this.#shown = this.#shown.slice(-SHOWN_LIMIT)
    return before
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
