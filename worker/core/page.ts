// What a caught-up page means to whoever asked for it: which of its messages are news, and how far it lets `after` move.
//
// An item is settled when, at the time of the request, no row before it could still commit: by its own time against the
// server's, or by how long the hub had known it. Without times an item of a page that another page follows counts too: else
// a long recovery would begin anew each time. Where there are times it does not: a busy stream fills small pages with
// messages of the last second. `after` never passes what an earlier page left unsettled.

import type { WireEntry, WireItem } from "../../shared/entry.ts"
import { SEEN_LIMIT, type Id } from "../../shared/position.ts"
import type { Move, PageEntry } from "./log.ts"
import type { Item, Page } from "./page-ask.ts"

/**
 * An item of a run of pages that `after` does not cover yet. Settled or not when its page was asked: clocks may jump later.
 * `isWaiting`: it was in the log then, perhaps for others only, and may since have left it. `since`: when it came.
 */
export type Unsettled = { id: Id; isSettled: boolean; isWaiting: boolean; since: number }

export type Reading = {
  entry: PageEntry
  /** Whether the endpoint repeats rows from before the asked id, to let rows be found that commit late. */
  repeats: boolean
  /** Where the next page is to be asked; `undefined` when this was the last. */
  next: Id | undefined
  /**
   * More is left unsettled than a position may name, and what all the rest is behind has settled by now. A run that begins
   * anew covers it; this one would gather ever more, for as long as messages come faster than pages.
   */
  isOverdue: boolean
}

export type Reader = {
  /** The id after which the page was asked. */
  asked: Id | null
  /** What the pages before this one left unsettled; afterwards, what it leaves. A copy for each page would cost more than all else. */
  unsettled: Unsettled[]
  has: (id: Id) => boolean
  /** Some tab has it. What waits in the log is known too, but whoever came later takes the page, and not what is before it. */
  isTaken: (id: Id) => boolean
  /** Milliseconds; see engine rule 2. */
  settleFor: number
  /** The hub's first sight of an id, where there was one. */
  firstSight: (id: Id) => number | undefined
}

export function readPage(page: Page, { asked, unsettled, has, isTaken, settleFor, firstSight }: Reader): Reading {
  const { items, askedAt, receivedAt } = page
  const ids = items.map(item => item.id)
  const repeated = ids.indexOf(asked ?? "") + 1
  const news = items.filter(item => !has(item.id))
  const isWaiting = (id: Id) => has(id) && !isTaken(id)
  const serverNow = page.serverNow ?? newestTime(page) - (receivedAt - askedAt)
  const isOld = ({ id, at }: Item) =>
    (firstSight(id) ?? Infinity) <= askedAt - settleFor || (at === null ? page.more : at <= serverNow - settleFor)
  const earlier = unsettled.findIndex(item => !item.isSettled)
  const isBlocked = earlier >= 0
  const blockedSince = unsettled[earlier]?.since ?? Infinity
  // Behind what an earlier page left unsettled nothing can settle in this run: on a busy stream those are most pages.
  for (const item of items.slice(repeated)) {
    const isSettled = !isBlocked && isOld(item)
    unsettled.push({ id: item.id, isSettled, isWaiting: isWaiting(item.id), since: receivedAt })
  }
  const last = isBlocked ? earlier : unsettled.findLastIndex(item => item.isSettled) + 1
  const waiting = unsettled.slice(0, last).findIndex(item => item.isWaiting && !isTaken(item.id))
  const settled = unsettled.splice(0, waiting < 0 ? last : waiting).map(item => item.id)
  const after = settled.at(-1)
  const again = ids.slice(0, repeated).filter(id => !isWaiting(id))
  const move: Move | null = after === undefined ? null : { after, covered: [...again, ...settled] }
  const wire: WireEntry = ["page", ids, news.map(wireItem)]
  const entry: PageEntry = {
    type: "page",
    unknown: news.map(item => item.id),
    move,
    text: JSON.stringify(wire),
    taken: false,
  }
  return {
    entry,
    repeats: repeated > 0,
    next: page.more ? ids.at(-1) : undefined,
    isOverdue: unsettled.length > SEEN_LIMIT && blockedSince <= askedAt - settleFor,
  }
}

/** Before the first ping: the server's time was at least this. This machine's clock may be hours off. */
function newestTime({ items }: Page): number {
  let newest = -Infinity
  for (const { at } of items) if (at !== null && at > newest) newest = at
  return newest
}

function wireItem({ id, at, message }: Item): WireItem {
  return [id, at, message]
}
