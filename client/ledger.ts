// What one subscription object has been given, and what follows from that: which copies are repeats, where a late message
// belongs, what to tell of the connection, and from where to go on with another hub. Pure; the tab is the judge of
// repeats, because a hub that starts anew delivers again what it cannot know to be taken.

import type { Start } from "../shared/bridge.ts"
import type { WireEntry, WireItem } from "../shared/entry.ts"
import type { GapReason } from "../shared/errors.ts"
import { IdWindow } from "../shared/id-window.ts"
import { SEEN_LIMIT, type Id, type Position } from "../shared/position.ts"
import { Placement } from "./placement.ts"

/** How a message came. Without `id` it is ephemeral, or the subscription has no `catchUp`. */
export type Delivery = {
  id?: Id
  source: "live" | "catch-up"
  /** It belongs before a message that was given earlier. */
  late?: { before: Id }
}

/** `count` messages came by catch-up. After a `gap` there are messages that can no longer be had. */
export type CaughtUp =
  | { outcome: "current" | "recovered"; count: number; reason?: undefined }
  | { outcome: "gap"; count: number; reason: GapReason }

/** What an application is told, by the names of its callbacks. */
export type Told = {
  initialized: []
  connected: [{ reconnected: boolean }]
  disconnected: [{ willAttemptReconnect: boolean }]
  rejected: []
  received: [message: unknown, delivery: Delivery]
  caughtUp: [CaughtUp]
}

export type Tell = <Name extends keyof Told>(name: Name, ...args: Told[Name]) => void

/** The last so many persisted ids are remembered, at least: engine rule 9. */
export const WINDOW_LIMIT = 8_192

export class Ledger {
  readonly #start: Start
  readonly #tell: Tell
  /** Without `catchUp` ids are not read: repeated payloads pass, as with Rails. */
  readonly #readsIds: boolean
  readonly #placement = new Placement()

  readonly #given = new IdWindow(WINDOW_LIMIT)
  /** Where the subscription began. What a page returns from before it was there already, and is not news. */
  #floor: Id | null = null
  /** Known to this browser before the subscription began, but never given to it. */
  #taken = new Set<Id>()

  /** Where the hub says that this reader stands; `undefined` while unknown. */
  #after: Id | null | undefined
  /** Known beside `#after`, oldest first. */
  #beside: Id[]
  /** What pages returned since `#after` last moved, in the server's order. */
  #returned: Id[] = []
  /** What came live since the last page. */
  #sincePage: Id[] = []

  #isUntouched = true
  #isConnected = false
  #wasConnected = false
  /** The last word was that nobody will try again. */
  #isOver = false
  /** A `caughtUp` is to come; and how many messages came by catch-up since then. */
  #isOwed = false
  #count = 0
  /** The last hub died before anybody knew where "now" had been. */
  #isTorn = false

  constructor(start: Start, readsIds: boolean, tell: Tell) {
    this.#start = start
    this.#readsIds = readsIds
    this.#tell = tell
    this.#beside = "position" in start ? [...start.position.seen] : []
    if (!readsIds || !("position" in start)) return
    if (start.from === "rendered") this.#floor = start.position.after
    const shown = [start.position.after, ...start.position.seen].filter(id => id !== null)
    for (const id of shown) this.#given.add(id)
    this.#placement.rendered(shown)
  }

  take(entry: WireEntry): void {
    switch (entry[0]) {
      case "live":
        return this.#live(entry[1], entry[2], entry[3])
      case "page":
        return this.#page(entry[1], entry[2])
      case "connected":
        return this.#connected()
      case "disconnected":
        if (!entry[1]) return this.finish()
        if (this.leave()) this.#tell("disconnected", { willAttemptReconnect: true })
        return
      case "rejected":
        return this.#tell("rejected")
      case "start":
        return this.#begin(entry[1])
      case "behind":
        return this.#owe()
      case "caught-up":
        return this.#caughtUp(entry[1])
    }
  }

  /** Everything up to `after` is taken: the hub says so with each part, once it knows. */
  reached(after: Id | null): void {
    if (this.#after === after) return
    this.#after = after
    const index = after === null ? -1 : this.#returned.lastIndexOf(after)
    const isStart = "position" in this.#start && this.#start.position.after === after
    this.#returned.splice(0, index + 1)
    // What pages returned lies beyond the new place; what came live before the last of them, and was not in it, may lie
    // before it.
    if (index >= 0) this.#beside = [...this.#returned, ...this.#sincePage]
    // A place that no page told: what was known beside the old one may lie before it.
    else if (!isStart) this.#beside = []
  }

  /** @returns whether it was connected. Nothing is told. */
  leave(): boolean {
    const was = this.#isConnected
    this.#isConnected = false
    return was
  }

  /** Nobody will try again. As with Rails, that is told to who was never connected, too. */
  finish(): void {
    this.leave()
    if (this.#isOver) return
    this.#isOver = true
    this.#tell("disconnected", { willAttemptReconnect: false })
  }

  /** From where another hub is to go on. */
  nextStart(): Start {
    const asked = this.#start
    if (!this.#readsIds) return asked
    const seen = this.#beside.slice(-SEEN_LIMIT)
    if (this.#after !== undefined) return { from: "position", position: { after: this.#after, seen } }
    if ("position" in asked) {
      return this.#isUntouched ? asked : { from: "position", position: { after: asked.position.after, seen } }
    }
    if (!seen.length && (asked.from === "cursor" || !this.#wasConnected)) return asked
    this.#isTorn = true
    return { from: "now" }
  }

  #live(id: Id | null, at: number | null, message: unknown): void {
    if (!this.#readsIds || id === null) return this.#tell("received", message, { source: "live" })
    if (this.#knows(id)) return
    this.#sincePage = bounded(this.#sincePage)
    this.#sincePage.push(id)
    this.#give(id, message, "live", this.#placement.live(id, at))
  }

  #page(ids: readonly Id[], items: readonly WireItem[]): void {
    if (!this.#readsIds) return
    const floor = this.#floor === null ? -1 : ids.indexOf(this.#floor)
    for (const id of ids.slice(0, Math.max(0, floor))) if (!this.#knows(id)) this.#taken.add(id)
    const place = this.#placement.page(ids, id => this.#given.has(id))
    for (const [id, at, message] of items) {
      if (this.#knows(id)) continue
      this.#count += 1
      this.#give(id, message, "catch-up", place(id, at))
    }
    this.#returned.push(...ids)
    if (this.#returned.length > 2 * WINDOW_LIMIT) this.#returned = this.#returned.slice(-WINDOW_LIMIT)
    this.#sincePage = []
  }

  #give(id: Id, message: unknown, source: Delivery["source"], before: Id | undefined): void {
    this.#isUntouched = false
    this.#given.add(id)
    this.#beside = bounded(this.#beside)
    this.#beside.push(id)
    this.#tell("received", message, before === undefined ? { id, source } : { id, source, late: { before } })
  }

  #connected(): void {
    if (this.#isConnected) return
    const reconnected = this.#wasConnected
    this.#isConnected = this.#wasConnected = true
    this.#isOver = false
    if (this.#readsIds) this.#owe()
    this.#tell("connected", { reconnected })
    // Without `catchUp` nothing will follow; the callback may also have left.
    if (this.#readsIds || !this.#isConnected) return
    this.#tell(
      "caughtUp",
      reconnected ? { outcome: "gap", count: 0, reason: "no-catch-up" } : { outcome: "current", count: 0 },
    )
  }

  #owe(): void {
    if (this.#isOwed) return
    this.#isOwed = true
    this.#count = 0
  }

  #caughtUp(told: GapReason | null): void {
    if (!this.#readsIds && told !== "overflow") return
    // A reconcile that finds a gap tells it, though nothing was owed.
    if (!this.#isOwed && told === null) return
    const reason = told ?? (this.#isTorn ? "no-cursor" : null)
    this.#isOwed = this.#isTorn = false
    const count = this.#count
    this.#tell(
      "caughtUp",
      reason ? { outcome: "gap", count, reason } : { outcome: count > 0 ? "recovered" : "current", count },
    )
  }

  #begin({ after, seen }: Position): void {
    if (!this.#readsIds || this.#after !== undefined) return
    if (this.#start.from === "now") this.#floor ??= after
    this.#after = after
    this.#beside.push(...seen)
    this.#taken = new Set(after === null ? seen : [after, ...seen])
  }

  #knows(id: Id): boolean {
    return this.#given.has(id) || this.#taken.has(id)
  }
}

/** The newest, as many as a position may carry. */
function bounded(ids: Id[]): Id[] {
  return ids.length < 2 * SEEN_LIMIT ? ids : ids.slice(-SEEN_LIMIT)
}
