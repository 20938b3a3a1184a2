// The contract between a tab and its hub: comlink both ways over one endpoint. The hub speaks first. Fields are only ever
// added; a changed meaning is a new BRIDGE_VERSION, and hubs of different versions live side by side.

import type { MessageShape } from "./entry.ts"
import type { ErrorData } from "./errors.ts"
import type { Id, Position } from "./position.ts"

export const BRIDGE_VERSION = 1

export type HostKind = "shared-worker" | "leader-tab" | "page"

/** `epoch` is 0 while `standby`: only the holder of the mutex has one. */
export type Hello = {
  bridge: number
  build: string
  epoch: number
  host: HostKind
  state: "active" | "standby"
  /** Pages born in this epoch or before belong to somebody who has logged out. */
  forgotten?: number
  /** The database is lost to this worker, which stays out of office: dial the one of this round. */
  moved?: number
}

/** What a tab and its hub speak over: a port of the hub's own, or a channel that nobody else is on. */
export type Wire = MessagePort | BroadcastChannel

/** What is said on a key's channel, to all its tabs and hubs. */
export type News =
  /** A hub has become active. */
  | { type: "hello"; hello: Hello }
  /** A page that has no port to the active hub will hear it on the channel named `line`, and lives while it holds `lock`. */
  | { type: "knock"; line: string; lock: string }
  /** A visible page queues for the mutex: let it go first. */
  | { type: "queued" }
  /** The leader has been hidden for long, and would hand over to a visible page. */
  | { type: "weary" }

/** What worker.js exports to a page that is to be a host itself. */
export interface PageHub {
  /** Holds the mutex. */
  readonly isActive: boolean
  connect(port: MessagePort): void
  /** Queues for the mutex, unless it does already. */
  enter(): void
  /** Out of the queue, or out of office: cable and locks are let go at once. */
  leave(): void
  /** To the end of the queue, out of office too. */
  yield(): void
}

/** What the tab's `isOpen()` and `getState()` mirror. `refused`: the server said not to come back. */
export type CableState = "idle" | "opening" | "live" | "waiting" | "refused"

/**
 * Where a subscription starts: what its page rendered, where its last hub left it, the stored cursor, or now. To the hub
 * the first two are the same; the tab drops what an endpoint repeats from before its page's first rendered message.
 */
export type Start = { from: "rendered" | "position"; position: Position } | { from: "cursor" } | { from: "now" }

/** How to ask for what came after a position. All defaults are filled in; `url` is absolute. Times are milliseconds. */
export type CatchUp = {
  url: string
  params: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string>>
  cursorParam: string
  limitParam: string
  limit: number
  timeout: number
  messages: string
  hasMore: string
  cursor: string
}

/** A stream's tunables, in milliseconds; see shared/options.ts. */
export type StreamSettings = { reconcileEvery: number; settleFor: number; holdFor: number; reorderFor: number }

/** One subscription object of one tab. `subscription` is unique within its tab. */
export type Want = {
  subscription: number
  identifier: string
  start: Start
  catchUp: CatchUp | null
  message: MessageShape
  settings: StreamSettings
}

export type Attach = {
  /** Unique per page life; kept in memory, because a duplicated tab copies its storage. */
  tab: string
  /** The Web Lock that this page holds for as long as it lives; `null` where there are no locks. */
  lock: string | null
  identity: string
  /** The query parameter under which the server is told a digest of the identity. */
  identityParam?: string | undefined
  /** Absolute cable URL, as of now. */
  url: string
  subprotocols: readonly string[]
  /** The page can answer `ask`: its URL is a function, or it has `credentials`. */
  asks: boolean
  credentials: boolean
  /** The consumer was used (a subscription, or `connect()`) and not disconnected: the cable should be open. */
  open: boolean
  visible: boolean
  /** Counts the attaches of this page's life, on whatever wires: they may overtake each other, and the last one counts. */
  turn?: number
  /** The last epoch that this tab heard, and the first one; 0 for none. */
  epoch: number
  born: number
  settings: HubSettings
  wants: readonly Want[]
}

/** The hub's tunables: linger in milliseconds, frames in UTF-16 units. The first attach decides. */
export type HubSettings = { linger: number; maxFrameBytes: number }

/**
 * What a tab gets in one go. `entries` is a JSON array of WireEntry, as text; tabs in lockstep share the characters.
 * `after` is the reader's own once these entries are taken; absent while it is unknown.
 */
export type Part = { subscription: number; after?: Id | null; entries: string }
export type Batch = { epoch: number; cable: CableState; parts: readonly Part[] }

/** The reply to a batch: every callback has returned or thrown, after so many milliseconds. */
export type Taken = { ms: number }

export type Ask = { reason: "open" | "unauthorized" | "rejected" }
export type Answer = { url: string; headers: Readonly<Record<string, string>> }

/** What the hub offers to a tab. */
export interface HubApi {
  /** Replaces whatever this tab wanted before. Refusals are data: comlink keeps no codes. */
  attach(attach: Attach): ErrorData | null
  subscribe(want: Want): void
  unsubscribe(subscription: number): void
  /** @param data the `data` of an ActionCable message command: JSON text */
  perform(identifier: string, data: string): void
  /** The cable should be open, or this tab no longer minds. */
  open(wanted: boolean): void
  reopen(): void
  /** The page became visible or hidden, or woke: online, back from the cache, thawed. */
  wake(visible: boolean): void
  /** Does nothing but answer. */
  ping(): void
  inspect(): Inspection
  forget(): Promise<void>
}

/** What a tab offers to its hub. Replies are registered, never awaited: a frozen tab answers when it thaws. */
export interface TabApi {
  hello(hello: Hello): void
  deliver(batch: Batch): Taken
  ask(ask: Ask): Promise<Answer | null>
}

/** `consumer.inspect()`: no token, query, header value or message is in it. Counters count since the hub's start. */
export type Inspection = {
  host: HostKind
  build: string
  epoch: number
  state: "active" | "standby"
  socket: { state: CableState; opened: number; reason: string | null }
  /** `memory`: the database fails; what is known is lost with the hub. */
  storage: "indexeddb" | "memory" | "unknown"
  /** The name of the error that keeps the database from being used. */
  storageError: string | null
  tabs: readonly { visible: boolean; subscriptions: number; batchLimit: number; waiting: boolean }[]
  streams: readonly StreamInspection[]
  counters: Readonly<Record<string, number>>
}

export type StreamInspection = {
  /** A digest; the channel's name in clear, because without it nobody finds anything. */
  identifier: string
  channel: string
  phase: "detached" | "confirming" | "recovering" | "live"
  /** The stored cursor; `after` is absent while unknown. */
  cursor: { after?: Id | null; seen: number }
  subscriptions: number
  /** `entries` are messages; `bytes` UTF-16 units of their text. */
  log: { entries: number; bytes: number; first: number; next: number }
  /** Live messages that wait for a catch-up to end, or to be sorted. */
  held: number
  /**
   * How many ids the hub knows of this stream: in the log and not taken by any tab; taken, beside the cursor; before the
   * cursor, where the endpoint repeats; and such as the cursor has no room for.
   */
  known: { pending: number; seen: number; behind: number; taken: number }
}
