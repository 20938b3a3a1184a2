// A process with several visitors. It gets its assignment in argv, and answers each message from its parent with what they
// have received.

import { startNaive } from "./naive.ts"
import { startOurs } from "./ours.ts"
import type { Assignment, Visitor } from "./visitor.ts"

/** By kind, one list of ids for each visitor; and whether all visitors of a kind are connected and caught up. */
export type Report = Record<"ours" | "naive" | "rewound", { received: number[][]; isCurrent: boolean }>

const assignment = JSON.parse(process.argv[2] ?? "") as Assignment
const each = <T>(count: number, start: (n: number) => T) => Array.from({ length: count }, (_, n) => start(n))
const ours = await Promise.all(each(assignment.ours, n => startOurs(assignment, `visitor-${process.pid}-${n}`)))
const naive = each(assignment.naive, () => startNaive(assignment, false))
const rewound = each(assignment.naive, () => startNaive(assignment, true))

process.on("message", () => {
  const report: Report = { ours: reportOn(ours), naive: reportOn(naive), rewound: reportOn(rewound) }
  process.send?.(report)
})

function reportOn(visitors: readonly Visitor[]): Report["ours"] {
  return {
    received: visitors.map(({ received }) => [...received]),
    isCurrent: visitors.every(each => each.isCurrent()),
  }
}
