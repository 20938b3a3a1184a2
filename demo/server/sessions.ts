// Who is let in. A session is any string that is not empty, does not start with "bad", and was not revoked.

import type { Faults } from "./faults.ts"

export function isWelcome(session: unknown, faults: Faults): session is string {
  if (typeof session !== "string" || session === "" || session.startsWith("bad")) return false
  return !faults.refusedSessions.has(session)
}
