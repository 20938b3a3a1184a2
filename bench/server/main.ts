// What a server pays for 50 browsers with 8 tabs each: one after the other, each against a fresh Puma. Prints the table of
// docs/server-cost.md.

import { parseArgs } from "node:util"

import { machine } from "../machine.ts"
import { BROWSERS, CONTESTANTS, TABS } from "./contestants.ts"
import { run, type Result } from "./run.ts"

const { values } = parseArgs({
  options: {
    rest: { type: "string", default: "120" },
    flow: { type: "string", default: "120" },
    rate: { type: "string", default: "20" },
  },
})
const plan = { rest: Number(values.rest) * 1_000, flow: Number(values.flow) * 1_000, rate: Number(values.rate) }

const ROWS: readonly [string, (result: Result) => number, digits: number][] = [
  ["sockets", ({ sockets }) => sockets, 0],
  ["memory of Puma for them, MiB", ({ memory }) => memory, 1],
  ["processor of Puma at rest, ms per second", ({ rest }) => rest, 1],
  ["processor of Puma per message, ms", ({ message }) => message, 2],
  ["after a kill: everybody is back and caught up, s", ({ storm }) => storm.time / 1_000, 1],
  ["after a kill: processor of Puma until then, s", ({ storm }) => storm.cpu / 1_000, 2],
  ["after a kill: catch-up requests until then", ({ storm }) => storm.asked.requests, 0],
  ["after a kill: catch-up until then, KiB", ({ storm }) => storm.asked.bytes / 1_024, 0],
  ["at rest: catch-up requests per browser and hour", ({ asked }) => asked.rest.requests, 0],
  ["at rest: catch-up per browser and hour, KiB", ({ asked }) => asked.rest.bytes / 1_024, 0],
  ["in flow: catch-up requests per browser and hour", ({ asked }) => asked.flow.requests, 0],
  ["in flow: catch-up per browser and hour, KiB", ({ asked }) => asked.flow.bytes / 1_024, 0],
]

const before = machine()
const results: Result[] = []
for (const contestant of CONTESTANTS) results.push(await run(contestant, plan))
console.log(`${BROWSERS} browsers with ${TABS} tabs; ${plan.rate} messages a second in flow\n`)
console.log(`before: ${before}\nafter:  ${machine()}\n`)
console.log(
  `| | ${CONTESTANTS.map(({ name }) => name).join(" | ")} |\n| --- |${CONTESTANTS.map(() => " ---: |").join("")}`,
)
for (const [title, of, digits] of ROWS) {
  console.log(`| ${title} | ${results.map(result => of(result).toFixed(digits)).join(" | ")} |`)
}
