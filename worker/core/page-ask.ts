// One question to the catch-up endpoint, asked until it is answered: recoveries, replays and starts all use it.

import type { CatchUp } from "../../shared/bridge.ts"
import { identifyItem, type MessageShape } from "../../shared/entry.ts"
import type { Id } from "../../shared/position.ts"
import { backoff, type Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import type { FetchResult } from "./event.ts"
import type { Timer } from "./timers.ts"

export const LONGEST_RETRY_MS = 30_000

/** A message of a page, as it was read. */
export type Item = { id: Id; at: number | null; message: unknown }

/** `askedAt` and `serverNow` are as of the request: what commits later was not in it. */
export type Page = {
  type: "page"
  items: readonly Item[]
  more: boolean
  cursor: Id | null | undefined
  askedAt: number
  receivedAt: number
  serverNow: number | null
}

export type PageResult = Page | { type: "unauthorized" } | { type: "gone" } | { type: "failed" }

export type Question = { catchUp: CatchUp; shape: MessageShape; after: Id | null; limit: number; retries: boolean }

/** Fetches under way, by number; the shell's answers find their question here. */
export class Fetches {
  readonly #open = new Map<number, (result: FetchResult) => void>()

  add(fetch: number, done: (result: FetchResult) => void): void {
    this.#open.set(fetch, done)
  }

  remove(fetch: number): void {
    this.#open.delete(fetch)
  }

  /** Late answers, to questions that were given up, find nobody. */
  answered(fetch: number, result: FetchResult): void {
    const done = this.#open.get(fetch)
    this.#open.delete(fetch)
    done?.(result)
  }
}

export class PageAsk {
  #fetch: number | null = null
  #attempt = 0
  #renewed = false
  #over = false
  #askedAt = 0
  #serverNow: number | null = null
  readonly #ctx: Context
  readonly #fetches: Fetches
  readonly #credentials: Credentials
  readonly #question: Question
  readonly #done: (result: PageResult) => void
  readonly #timer: Timer

  /** @param done called once, unless the ask is cancelled; `failed` only where `retries` is false */
  constructor(
    ctx: Context,
    fetches: Fetches,
    credentials: Credentials,
    question: Question,
    done: (result: PageResult) => void,
  ) {
    this.#ctx = ctx
    this.#fetches = fetches
    this.#credentials = credentials
    this.#question = question
    this.#done = done
    this.#timer = ctx.timer(() => this.#ask())
    this.#ask()
  }

  cancel(): void {
    this.#over = true
    this.#timer.clear()
    if (this.#fetch === null) return
    this.#fetches.remove(this.#fetch)
    this.#ctx.emit({ type: "abort", fetch: this.#fetch })
  }

  #ask(): void {
    const { catchUp, after, limit } = this.#question
    const fetch = this.#ctx.number()
    const { version } = this.#credentials
    this.#fetch = fetch
    this.#askedAt = this.#ctx.now
    this.#serverNow = this.#ctx.serverNow()
    this.#fetches.add(fetch, result => {
      this.#fetch = null
      this.#onResult(result, version)
    })
    this.#ctx.emit({
      type: "fetch",
      fetch,
      request: { catchUp, after, limit, headers: this.#credentials.current.headers },
    })
  }

  #onResult(result: FetchResult, version: number): void {
    switch (result.type) {
      case "page": {
        const page = this.#read(result)
        return page ? this.#finish(page) : this.#retry(null)
      }
      case "failed":
        return this.#retry(result.retryAfter)
      case "unauthorized":
        return this.#onUnauthorized(version)
      case "gone":
        return this.#finish(result)
    }
  }

  #retry(retryAfter: number | null): void {
    this.#ctx.count("catchUpFailures")
    if (!this.#question.retries) return this.#finish({ type: "failed" })
    this.#attempt += 1
    const wait = backoff(this.#attempt, LONGEST_RETRY_MS, this.#ctx.random())
    this.#timer.set(this.#ctx.now + Math.max(wait, retryAfter ?? 0))
  }

  /** Somebody else may have got new credentials meanwhile; if not, they are asked for once. */
  #onUnauthorized(version: number): void {
    const isNewer = version !== this.#credentials.version
    if (isNewer && !this.#renewed) {
      this.#renewed = true
      return this.#ask()
    }
    if (this.#renewed || !this.#credentials.available) return this.#finish({ type: "unauthorized" })
    this.#renewed = true
    this.#credentials.ask("unauthorized", () => {
      if (!this.#over) this.#ask()
    })
  }

  #finish(result: PageResult): void {
    this.#over = true
    this.#done(result)
  }

  /** @returns null for a body that cannot be a page: asking for more without an end, or nothing in it that has an id */
  #read({ messages, hasMore, cursor }: FetchResult & { type: "page" }): Page | null {
    const { shape, after, limit } = this.#question
    const items: Item[] = []
    for (const message of messages) {
      const { id, at } = identifyItem(message, shape)
      if (id === null) this.#ctx.count("unreadableItems")
      else items.push({ id, at, message })
    }
    const news = items.length - 1 - items.findIndex(item => item.id === after)
    const more = limit > 0 && (hasMore ?? news >= limit) && news > 0
    const endless = limit > 0 && hasMore === true && news === 0
    if (endless || (items.length === 0 && messages.length > 0)) return null
    return {
      type: "page",
      items,
      more,
      cursor,
      askedAt: this.#askedAt,
      receivedAt: this.#ctx.now,
      serverNow: this.#serverNow,
    }
  }
}
