// `npm run failover -- --rounds 25 --adapters redis,postgresql`: prints each round and the sums. Fails for any hole or repeat
// of ours, and if the yardstick has no hole: then nothing was put to the test.

import { parseArgs } from "node:util"

import type { Adapter } from "../lab/puma.ts"
import type { Outcome, Party } from "./round.ts"
import { failOverAgainAndAgain } from "./stage.ts"

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "25" }, adapters: { type: "string", default: "redis,postgresql" } },
})
const PARTIES = ["tabs", "ours", "naive", "rewound"] as const satisfies Party[]

console.log(
  "holes + repeats: pairs of a message and a visitor. naive: after_id = newest id seen; rewound: with 10 s overlap",
)
for (const adapter of values.adapters.split(",") as Adapter[]) {
  const outcomes = await failOverAgainAndAgain(adapter, Number(values.rounds), (outcome, round) =>
    console.log(`${adapter} ${String(round).padStart(2)}: ${describe([outcome])}`),
  )
  console.log(`${adapter}, ${outcomes.length} rounds: ${describe(outcomes)}`)
  const broken = (["tabs", "ours"] as const).some(
    party => sum(outcomes, party, "holes") + sum(outcomes, party, "repeats") > 0,
  )
  if (broken || sum(outcomes, "naive", "holes") === 0) process.exitCode = 1
}

function describe(outcomes: readonly Outcome[]): string {
  const persisted = outcomes.reduce((all, outcome) => all + outcome.persisted, 0)
  const slowest = Math.max(...outcomes.map(({ seconds }) => seconds))
  const evidence = outcomes.flatMap(outcome => outcome.evidence ?? [])
  const sums = PARTIES.map(party => {
    const rounds = outcomes.filter(({ tallies }) => tallies[party].holes > 0).length
    const inRounds = outcomes.length > 1 && rounds > 0 ? ` in ${rounds} rounds` : ""
    return `${party} ${sum(outcomes, party, "holes")} + ${sum(outcomes, party, "repeats")}${inRounds}`
  })
  return `${persisted} persisted, ours complete ${slowest.toFixed(1)} s after the last one; ${[...sums, ...evidence].join("; ")}`
}

function sum(outcomes: readonly Outcome[], party: Party, what: "holes" | "repeats"): number {
  return outcomes.reduce((all, { tallies }) => all + tallies[party][what], 0)
}
