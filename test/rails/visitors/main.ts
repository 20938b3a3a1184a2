// A process with several visitors. It gets its assignment in argv, and answers its parent's questions: "report", what they
// have received; "histories", all that ours were told.

import { startNaive } from "./naive.ts"
import { startOurs } from "./ours.ts"
import { KINDS, type Assignment, type Kind, type Place, type Visitor } from "./visitor.ts"

export type Question = "report" | "histories"

/** One list of ids for each visitor of a kind; and whether all of them are connected and caught up. */
export type Report = Record<Kind, { received: number[][]; isCurrent: boolean }>

const { conversations, each, ...rest } = JSON.parse(process.argv[2] ?? "") as Assignment
const START: Record<Kind, (place: Place, n: number) => Visitor | Promise<Visitor>> = {
  ours: (place, n) => startOurs(place, `visitor-${process.pid}-${place.conversation}-${n}`),
  naive: place => startNaive(place, false),
  rewound: place => startNaive(place, true),
}

const visitors: Record<Kind, Visitor[]> = { ours: [], naive: [], rewound: [] }
for (const conversation of conversations) {
  for (const kind of KINDS) {
    for (let n = 0; n < each[kind]; n++) visitors[kind].push(await START[kind]({ ...rest, conversation }, n))
  }
}

process.on("message", (question: Question) => {
  const report: Report = { ours: reportOn("ours"), naive: reportOn("naive"), rewound: reportOn("rewound") }
  if (question === "report") process.send?.(report)
  else void histories().then(answer => process.send?.(answer))
})

function histories(): Promise<unknown[]> {
  return Promise.all(visitors.ours.map(async visitor => visitor.history?.()))
}

function reportOn(kind: Kind): Report[Kind] {
  const received = visitors[kind].map(visitor => [...visitor.received])
  return { received, isCurrent: visitors[kind].every(visitor => visitor.isCurrent()) }
}
