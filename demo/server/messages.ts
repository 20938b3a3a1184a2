// The persisted messages: what catch-up, history and a live broadcast all show in the same shape.

import type { DatabaseSync } from "node:sqlite"

import { inTransaction } from "./database.ts"

export type Author = "visitor" | "agent"
/** `seen`: its author has seen everything up to `message_id`. */
export type MessageType = "message" | "reaction.created" | "reaction.destroyed" | "seen"

/** A broadcast and an item of catch-up alike. `client_key` is the sender's idempotency key: its page knows its own by it. */
export type Message = {
  type: MessageType
  id: number
  conversation: string
  author: Author
  body: string
  created_at: string
  /** All but messages: the message they are about. A reaction's `body` is the emoji. */
  message_id?: number
  client_key?: string
}

export type Draft = {
  type?: MessageType
  conversation: string
  author: Author
  body: string
  messageId?: number | null
  key?: string | null
}

export type Conversation = { conversation: string; body: string; author: Author; created_at: string }

/** `unknown-id`: nobody can say what came after an id that is not there, or no longer. */
export type Page =
  | { type: "page"; messages: Message[]; hasMore: boolean; cursor: number | null }
  | { type: "unknown-id" }

type Row = {
  id: number
  conversation: string
  type: MessageType
  author: Author
  body: string
  message_id: number | null
  created_at: string
  idempotency_key: string | null
}

export class Messages {
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = prepare(database)
  }

  /** @param id one that `allocate` gave, or none */
  persist(draft: Draft, id: number | null = null, createdAt = new Date().toISOString()): Message {
    const { type = "message", conversation, author, body, messageId = null, key = null } = draft
    const row = this.#statements.insert.get(id, conversation, type, author, body, messageId, createdAt, key)
    return present(row as Row)
  }

  persistAll(drafts: readonly Draft[]): Message[] {
    return inTransaction(this.#database, "BEGIN IMMEDIATE", () => drafts.map(draft => this.persist(draft)))
  }

  /** Takes the next id without a row, as a transaction that has not committed yet does. It is never given again. */
  allocate(draft: Draft): number {
    return inTransaction(this.#database, "BEGIN IMMEDIATE", () => {
      const { id } = this.persist({ ...draft, key: null })
      this.#statements.remove.run(id)
      return id
    })
  }

  byKey(key: string): Message | null {
    const row = this.#statements.byKey.get(key)
    return row ? present(row as Row) : null
  }

  /**
   * What came after an id, oldest first.
   *
   * @param after `null`: from the beginning
   * @param overlapMs also rows up to `after` that are at most so much older than it; they do not count against `limit`
   */
  after(conversation: string, after: number | null, limit: number, overlapMs: number): Page {
    return inTransaction(this.#database, "BEGIN", () => {
      const { one, newest, following, preceding } = this.#statements
      const last = after === null ? null : (one.get(after, conversation) as Row | undefined)
      if (last === undefined) return { type: "unknown-id" }
      const cursor = (newest.get(conversation) as { id: number | null }).id
      if (limit === 0) return { type: "page", messages: [], hasMore: false, cursor }
      const rows = following.all(conversation, after ?? 0, limit + 1) as Row[]
      const since = last && overlapMs > 0 ? new Date(Date.parse(last.created_at) - overlapMs).toISOString() : null
      const repeated = since === null || after === null ? [] : (preceding.all(conversation, after, since) as Row[])
      const messages = [...repeated, ...rows.slice(0, limit)].map(present)
      return { type: "page", messages, hasMore: rows.length > limit, cursor }
    })
  }

  /**
   * The log before an id (`null`: all of it), from the last `limit` messages on; oldest first. What else happened in
   * between comes with them, and does not count.
   */
  before(conversation: string, before: number | null, limit: number): { messages: Message[]; hasMore: boolean } {
    const end = before ?? Number.MAX_SAFE_INTEGER
    return inTransaction(this.#database, "BEGIN", () => {
      const backwards = this.#statements.backwards.all(conversation, end, limit + 1) as { id: number }[]
      const hasMore = backwards.length > limit
      const first = hasMore ? (backwards[limit - 1]?.id ?? end) : 0
      const rows = this.#statements.between.all(conversation, first, end) as Row[]
      return { messages: rows.map(present), hasMore }
    })
  }

  /** The last message that each side has seen; 0 for none. */
  seen(conversation: string): Record<Author, number> {
    const rows = this.#statements.seen.all(conversation) as { author: Author; id: number }[]
    return { visitor: 0, agent: 0, ...Object.fromEntries(rows.map(({ author, id }) => [author, id])) }
  }

  /** The conversations that have a message, the one that was spoken in last first. */
  conversations(): Conversation[] {
    return this.#statements.conversations.all() as Conversation[]
  }

  count(): number {
    return (this.#statements.count.get() as { count: number }).count
  }

  /** Retention: drops everything up to and including `id`. */
  forget(id: number): number {
    return Number(this.#statements.forget.run(id).changes)
  }
}

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare(
      "INSERT INTO messages (id, conversation, type, author, body, message_id, created_at, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
    ),
    remove: database.prepare("DELETE FROM messages WHERE id = ?"),
    byKey: database.prepare("SELECT * FROM messages WHERE idempotency_key = ?"),
    one: database.prepare("SELECT * FROM messages WHERE id = ? AND conversation = ?"),
    newest: database.prepare("SELECT max(id) AS id FROM messages WHERE conversation = ?"),
    following: database.prepare("SELECT * FROM messages WHERE conversation = ? AND id > ? ORDER BY id LIMIT ?"),
    preceding: database.prepare(
      "SELECT * FROM messages WHERE conversation = ? AND id <= ? AND created_at >= ? ORDER BY id",
    ),
    backwards: database.prepare(
      "SELECT id FROM messages WHERE conversation = ? AND id < ? AND type = 'message' ORDER BY id DESC LIMIT ?",
    ),
    between: database.prepare("SELECT * FROM messages WHERE conversation = ? AND id >= ? AND id < ? ORDER BY id"),
    seen: database.prepare(
      "SELECT author, max(message_id) AS id FROM messages WHERE conversation = ? AND type = 'seen' GROUP BY author",
    ),
    conversations: database.prepare(
      "SELECT conversation, body, author, created_at, max(id) FROM messages WHERE type = 'message' GROUP BY conversation ORDER BY max(id) DESC",
    ),
    count: database.prepare("SELECT count(*) AS count FROM messages"),
    forget: database.prepare("DELETE FROM messages WHERE id <= ?"),
  }
}

function present(row: Row): Message {
  const { id, conversation, type, author, body, created_at, message_id, idempotency_key } = row
  return {
    type,
    id,
    conversation,
    author,
    body,
    created_at,
    ...(message_id === null ? {} : { message_id }),
    ...(idempotency_key === null ? {} : { client_key: idempotency_key }),
  }
}
