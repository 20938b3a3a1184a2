// Promise 8: what a hub keeps in memory, by its own account, against the limits that are written down.

import { SEEN_LIMIT } from "../../shared/position.ts"
import { Broken } from "./broken.ts"
import type { Host } from "./hosts.ts"

const LOG_ENTRIES = 1_000
const LOG_BYTES = 2 * 1_048_576

/**
 * @param page the largest that the endpoint has returned, what it repeats included: one is kept whole beyond the limit
 * @param isSorted messages may wait for `reorderFor` too
 */
export function checkBounds(host: Host, page: { entries: number; bytes: number }, isSorted: boolean): void {
  for (const { log, held, cursor } of host.core.inspect().streams) {
    // A page that only moves the place counts for one.
    if (log.entries > LOG_ENTRIES + Math.max(1, page.entries)) throw new Broken(`8: a log of ${log.entries} messages`)
    if (log.bytes > LOG_BYTES + page.bytes) throw new Broken(`8: a log of ${log.bytes} bytes`)
    if (held > LOG_ENTRIES * (isSorted ? 2 : 1)) throw new Broken(`8: ${held} held messages`)
    if (cursor.seen > SEEN_LIMIT) throw new Broken(`8: ${cursor.seen} seen ids`)
  }
}
