// Where somebody stands in a stream of persisted messages. Streams, readers, stored rows and tab attaches all use it.
// Ids are opaque: two ids are the same or they are not; nothing here ever asks which one is greater.

/** A message's id as the server wrote it, numbers turned into strings. */
export type Id = string

/** Everything up to and including `after` (`null`: the beginning of time), and also each of `seen`, oldest first. */
export type Position = { after: Id | null; seen: readonly Id[] }

/** How many ids a position may carry beside `after`. Beyond it the oldest leave: they are fetched again, never lost. */
export const SEEN_LIMIT = 2_048

/** The position of a page that shows these messages, oldest first: rows that commit late between them are still missing. */
export function rendered(ids: readonly Id[]): Position {
  const [first, ...rest] = ids
  return { after: first ?? null, seen: rest.slice(-SEEN_LIMIT) }
}

/**
 * What a position has seen beyond `after`. A stored one also names what an endpoint that repeats earlier rows will return
 * again: ids up to `after`, which then stands among them.
 */
export function beyond({ after, seen }: Position): readonly Id[] {
  return after === null ? seen : seen.slice(seen.lastIndexOf(after) + 1)
}

/** True if whoever stands at `a` has nothing left to learn from somebody who recovers from `b`. */
export function covers(a: Position, b: Position): boolean {
  if (a.after !== b.after) return false
  const known = new Set(a.seen)
  return b.seen.every(id => known.has(id))
}

/**
 * A position from which both can go on: what either lacks comes after it.
 *
 * @returns `null` when the two cannot be compared, because neither has seen where the other stands.
 */
export function join(a: Position, b: Position): Position | null {
  if (a.after === b.after) return { after: a.after, seen: common(a.seen, b.seen) }
  if (b.after !== null && beyond(a).includes(b.after))
    return { after: a.after, seen: common(a.seen, [b.after, ...b.seen]) }
  if (a.after !== null && beyond(b).includes(a.after))
    return { after: b.after, seen: common(b.seen, [a.after, ...a.seen]) }
  return null
}

function common(ids: readonly Id[], others: readonly Id[]): Id[] {
  const known = new Set(others)
  return ids.filter(id => known.has(id))
}
