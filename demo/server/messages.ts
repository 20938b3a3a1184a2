// The persisted messages: what catch-up, history and a live broadcast all show in the same shape.

import type { DatabaseSync } from "node:sqlite"

import { inTransaction } from "./database.ts"

export type Author = "visitor" | "agent"
export type MessageType = "message" | "reaction.created" | "reaction.destroyed"

/** A broadcast and an item of catch-up alike. `client_key` is the sender's idempotency key: its page knows its own by it. */
export type Message = {
  type: MessageType
  id: number
  conversation: string
  author: Author
  body: string
  created_at: string
  /** Reactions only: the message they belong to. Their `body` is the emoji. */
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

  /** The newest ones before an id, or of all; oldest first. */
  before(conversation: string, before: number | null, limit: number): { messages: Message[]; hasMore: boolean } {
    const rows = this.#statements.backwards.all(conversation, before ?? Number.MAX_SAFE_INTEGER, limit + 1) as Row[]
    return { messages: rows.slice(0, limit).map(present).toReversed(), hasMore: rows.length > limit }
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
    backwards: database.prepare("SELECT * FROM messages WHERE conversation = ? AND id < ? ORDER BY id DESC LIMIT ?"),
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
