// What a caught-up page means to whoever asked for it: which of its messages are news, and how far it lets `after` move.

import type { WireItem } from "../../shared/entry.ts"
import type { Id } from "../../shared/position.ts"
import type { Move, PageEntry } from "./log.ts"
import type { Item, Page } from "./page-ask.ts"

export type Reading = {
  entry: PageEntry
  /** Whether the endpoint repeats rows from before the asked id, to let rows be found that commit late. */
  repeats: boolean
  /** Nothing can commit any more before the page's end. */
  isSettled: boolean
  /** Where the next page is to be asked; `undefined` when this was the last. */
  next: Id | undefined
}

export type Reader = {
  /** The id after which the page was asked. */
  asked: Id | null
  has: (id: Id) => boolean
  /** Milliseconds; see engine rule 2. */
  settleFor: number
  /** The hub's first sight of an id, where there was one. */
  firstSight: (id: Id) => number | undefined
}

/**
 * An item is settled when no row before it can still commit: by its own time against the server's, or, where it has none,
 * by how long the hub has known it. There an item of a page that another page follows counts too: without that a long
 * recovery would begin anew each time. With times it does not need to, and messages of the last seconds fill pages too.
 */
export function readPage(page: Page, { asked, has, settleFor, firstSight }: Reader): Reading {
  const ids = page.items.map(item => item.id)
  const repeated = ids.indexOf(asked ?? "") + 1
  const news = page.items.filter(item => !has(item.id))
  const serverNow = page.serverNow ?? newestTime(page)
  const settled = (item: Item) =>
    item.at === null
      ? page.more || (firstSight(item.id) ?? Infinity) <= page.askedAt - settleFor
      : item.at <= serverNow - settleFor
  const newest = page.items.findLastIndex((item, index) => index >= repeated && settled(item))
  const after = ids[newest]
  const move: Move | null = after === undefined ? null : { after, covered: ids.slice(0, newest + 1) }
  const text = JSON.stringify(["page", ids]).slice(0, -1) + `,[${news.map(itemText).join(",")}]]`
  const entry: PageEntry = { type: "page", unknown: news.map(item => item.id), move, text, taken: false }
  return {
    entry,
    repeats: repeated > 0,
    isSettled: newest === ids.length - 1,
    next: page.more ? ids.at(-1) : undefined,
  }
}

/** Before the first ping has come: the server's time is at least this. This machine's clock may be hours off. */
function newestTime({ items }: Page): number {
  let newest = -Infinity
  for (const { at } of items) if (at !== null && at > newest) newest = at
  return newest
}

/** A WireItem as text: the message is text already. */
function itemText({ id, at, text }: Item): string {
  const head: [WireItem[0], WireItem[1]] = [id, at]
  return `${JSON.stringify(head).slice(0, -1)},${text}]`
}
