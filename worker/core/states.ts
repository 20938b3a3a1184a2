// The state changes that stand in a log between the messages, so that every tab hears of them in order.

import type { WireEntry } from "../../shared/entry.ts"
import type { GapReason } from "../../shared/errors.ts"
import type { Id, Position } from "../../shared/position.ts"
import type { Move, PageEntry, StateEntry } from "./log.ts"

export const STATE = {
  connected: entry(["connected"]),
  disconnected: (willAttemptReconnect: boolean) => entry(["disconnected", willAttemptReconnect]),
  rejected: entry(["rejected"]),
  /** From here on the reader stands at this place. */
  start: (position: Position) => entry(["start", position], { after: position.after, covered: [] }),
  /** A gap, and where the readers go on after it: in one, for a tab that had only heard of the place would never be told. */
  moved: (after: Id | null | undefined, reason: GapReason): PageEntry => ({
    type: "page",
    unknown: [],
    move: { after, covered: [] },
    text: `["page",[],[]],${JSON.stringify(["caught-up", reason])}`,
    taken: false,
  }),
  behind: entry(["behind"]),
  caughtUp: (reason: GapReason | null) => entry(["caught-up", reason]),
}

function entry(wire: WireEntry, move: Move | null = null): StateEntry {
  return { type: "state", move, text: JSON.stringify(wire) }
}
