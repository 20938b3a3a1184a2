// The one database file. A second process may write to it at the same time (demo/produce.ts does): hence the write-ahead
// log, and patience where SQLite would say "locked".

import { DatabaseSync } from "node:sqlite"

const BUSY_TIMEOUT_MS = 5_000

/**
 * The chat is a log of events, each with an id of its own: a message, a reaction given or taken back, a message seen. So
 * what happened to old messages while a browser was away is caught up like everything else.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    type TEXT NOT NULL,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    message_id INTEGER,
    created_at TEXT NOT NULL,
    idempotency_key TEXT UNIQUE
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_conversation ON messages (conversation, id);
`

/** @param path a file; created if missing */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
  database.exec(SCHEMA)
  return database
}

/** All or nothing; for reads, one snapshot although another process writes. */
export function inTransaction<T>(database: DatabaseSync, begin: "BEGIN" | "BEGIN IMMEDIATE", work: () => T): T {
  database.exec(begin)
  try {
    const result = work()
    database.exec("COMMIT")
    return result
  } catch (error) {
    database.exec("ROLLBACK")
    throw error
  }
}
