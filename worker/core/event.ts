// Everything that can happen to a hub, and everything that a hub can want done. The core knows the world through these
// two unions only; worker/hub.ts turns the world into events and effects into the world. Times are milliseconds.

import type { Answer, Ask, Attach, Batch, CatchUp, Want } from "../../shared/bridge.ts"
import type { Id, Position } from "../../shared/position.ts"

/** One attached endpoint; the shell gives it a number and never reuses it. */
export type TabKey = number

/** A stored cursor. `epoch` and `n` order all writes to it; `v` is the value's version, the database has but one. */
export type Row = { v: 1; position: Position; epoch: number; n: number }

export type Event =
  /** The mutex is granted and the epoch taken: from now on this hub may open cables and write rows. */
  | { type: "began"; epoch: number }
  /** The mutex is lost (stolen, or given to a newer build): nothing may be sent, opened or written any more. */
  | { type: "ended" }
  | { type: "attached"; tab: TabKey; attach: Attach }
  | { type: "tab-gone"; tab: TabKey }
  | { type: "subscribe"; tab: TabKey; want: Want }
  | { type: "unsubscribe"; tab: TabKey; subscription: number }
  | { type: "perform"; tab: TabKey; identifier: string; data: string }
  | { type: "open"; tab: TabKey; wanted: boolean }
  | { type: "reopen"; tab: TabKey }
  | { type: "wake"; tab: TabKey; visible: boolean }
  /** A tab has taken batch `n`; `ms` is how long its callbacks took. */
  | { type: "taken"; tab: TabKey; n: number; ms: number }
  /** A tab's answer to an ask; `null` when it has none, failed, or took too long. */
  | { type: "answered"; ask: number; answer: Answer | null }
  | { type: "frame"; cable: number; raw: unknown }
  /** Closed, refused, or never opened. */
  | { type: "closed"; cable: number; reason: string }
  | { type: "fetched"; fetch: number; result: FetchResult }
  | { type: "loaded"; key: string; row: Row | null | "failed" }
  /** A write was not made: this row, of another hub, is in its way. */
  | { type: "refused"; key: string; row: Row }
  /** A moment after a `flush` effect: everything that came in between goes out in one batch. */
  | { type: "flush" }
  /** The time of the last `alarm` effect has come. */
  | { type: "tick" }
  | { type: "forget" }

export type Effect =
  /** Opens cable number `cable`. The shell answers with frames, and once with `closed`. */
  | { type: "dial"; cable: number; url: string; subprotocols: readonly string[] }
  /** Drops the cable at once, whatever its state; no `closed` follows. */
  | { type: "drop"; cable: number }
  | { type: "send"; cable: number; text: string }
  | { type: "deliver"; tab: TabKey; n: number; batch: Batch }
  | { type: "ask"; ask: number; tab: TabKey; question: Ask }
  | { type: "fetch"; fetch: number; request: PageRequest }
  | { type: "abort"; fetch: number }
  | { type: "load"; key: string }
  /** Written only over the row that this hub read, or wrote last; see engine rule 14. */
  | { type: "save"; key: string; row: Row; over: Row | null }
  | { type: "flush" }
  /** Send `tick` at this time of the clock; replaces the alarm before. `null`: no more. */
  | { type: "alarm"; at: number | null }

/** One HTTP page: what came after `after` (absent: from the beginning). `limit` 0 asks for the cursor alone. */
export type PageRequest = {
  catchUp: CatchUp
  after: Id | null
  limit: number
  headers: Readonly<Record<string, string>>
}

export type FetchResult =
  | { type: "page"; messages: readonly unknown[]; hasMore: boolean | null; cursor: Id | null | undefined }
  /** Worth another try: network, timeout, 408, 425, 429, 5xx, a body that is not a page. `retryAfter` in milliseconds. */
  | { type: "failed"; retryAfter: number | null }
  | { type: "unauthorized" }
  /** 404, 410, 422 and other 4xx: asking again will not help. */
  | { type: "gone" }

/** What the shell supplies with each event. */
export type Moment = { now: number; random: () => number }
