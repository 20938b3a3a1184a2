// What a stream's log holds and what crosses the bridge of it. A log entry carries its own JSON text: it is written once,
// and the same characters go to every tab.

import { isRecord } from "./frame.ts"
import type { Id, Position } from "./position.ts"
import type { GapReason } from "./errors.ts"

/** Where a message's id and time are, and which live messages have one at all. Paths are dotted: `"message.id"`. */
export type MessageShape = { id: string; at: string; only: Readonly<Record<string, unknown>> | null }

/** A message's id and its server time in milliseconds; both `null` for an ephemeral one. */
export type Identity = { id: Id | null; at: number | null; mangled: boolean }

/**
 * Entries as a tab receives them, JSON.
 *
 * - `live`: id and time (`null` for ephemeral messages), the message
 * - `page`: every id of a caught-up page in the server's order, and of its messages those that the hub had not yet seen
 * - `connected`, `disconnected`, `rejected`: what the server has said of the subscription
 * - `start`: the position at which the hub starts a subscription that asked for `"cursor"` or `"now"`
 * - `behind`: the subscription fell off the log; what follows is a replay
 * - `caught-up`: everything up to here is complete, or a gap is told
 */
export type WireEntry =
  | ["live", Id | null, number | null, unknown]
  | ["page", readonly Id[], readonly WireItem[]]
  | ["connected"]
  | ["disconnected", willAttemptReconnect: boolean]
  | ["rejected"]
  | ["start", Position]
  | ["behind"]
  | ["caught-up", GapReason | null]

export type WireItem = [id: Id, at: number | null, message: unknown]

const EPHEMERAL: Identity = { id: null, at: null, mangled: false }
const MANGLED: Identity = { id: null, at: null, mangled: true }

/** Numbers up to this one tell the order among themselves, whoever compares them. */
const LARGEST_ORDINAL = 1e15 - 1

/**
 * What a live message is known by. Never throws. Where its id is a number nobody asks for its time, which costs as much to
 * read and to write as all else here.
 */
export function identify(message: unknown, shape: MessageShape): Identity {
  if (!isRecord(message) || (shape.only && !matches(message, shape.only))) return EPHEMERAL
  const id = readPath(message, shape.id)
  const isOrdinal = typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= LARGEST_ORDINAL
  return isOrdinal ? { id: String(id), at: null, mangled: false } : identifyItem(message, shape)
}

/** What an item of a caught-up page is known by; `only` does not apply: the endpoint returns persisted messages. */
export function identifyItem(message: unknown, shape: MessageShape): Identity {
  const id = readPath(message, shape.id)
  if (typeof id === "number" && !Number.isSafeInteger(id)) return MANGLED
  if (typeof id !== "number" && (typeof id !== "string" || id === "")) return EPHEMERAL
  return { id: String(id), at: readTime(readPath(message, shape.at)), mangled: false }
}

/** Follows a dotted path; `undefined` where it leads nowhere. */
export function readPath(value: unknown, path: string): unknown {
  if (!path.includes(".")) return isRecord(value) ? value[path] : undefined
  let found: unknown = value
  for (const key of path.split(".")) found = isRecord(found) ? found[key] : undefined
  return found
}

/** Milliseconds since 1970. Numbers below 1e11 are seconds (Rails' `to_i`), others milliseconds. */
function readTime(value: unknown): number | null {
  if (typeof value === "number") return Math.abs(value) < 1e11 ? value * 1_000 : value
  if (typeof value !== "string") return null
  const time = Date.parse(value)
  return Number.isNaN(time) ? null : time
}

function matches(message: Record<string, unknown>, only: Readonly<Record<string, unknown>>): boolean {
  for (const path in only) if (readPath(message, path) !== only[path]) return false
  return true
}
