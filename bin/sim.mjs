// `npm run sim -- --seeds 1000000`: that many schedules on all cores, from where the last run stopped. Ends at the first
// promise that does not hold, with the schedule that breaks it. `--from` starts anew at another seed; with `--swarm` each block has
// a few kinds of faults and actions only, and most settings in common.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { emptyTally, join, median, rarest, table } from "../test/simulation/tally.ts"

const BLOCK = 250
const BLOCKS_BETWEEN_PRINTS = 40
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string" },
    workers: { type: "string" },
    swarm: { type: "boolean", default: false },
  },
})
const progressFile = fileURLToPath(new URL(`../.cache/${values.swarm ? "swarm" : "sim"}.json`, import.meta.url))
const wanted = Number(values.seeds)
const workers = Number(values.workers ?? availableParallelism())
const progress = readProgress(Number(values.from ?? 1))
const before = progress.tally.schedules
const started = performance.now()
let next = progress.next
let blocks = 0
let broken = null

await Promise.all(Array.from({ length: workers }, run))
print()
if (broken) {
  console.log(`\nBROKEN ${broken.promise}\n${JSON.stringify(broken.schedule)}`)
  process.exitCode = 1
} else if (progress.tally.schedules >= wanted) rmSync(progressFile, { force: true })

/** One thread: a block after the other, until there are enough or one has failed. */
function run() {
  const worker = new Worker(new URL("../test/simulation/worker.ts", import.meta.url))
  return new Promise((resolve, reject) => {
    const give = () => {
      if (broken || (next - progress.first) * BLOCK >= wanted) return void worker.terminate().then(resolve)
      worker.postMessage({ seed: next, runs: BLOCK, isSwarm: values.swarm })
      next += 1
    }
    worker.on("error", reject)
    worker.on("message", result => {
      join(progress.tally, result.tally)
      broken ??= result.broken
      if (!result.broken) store(result.seed)
      blocks += 1
      if (blocks % BLOCKS_BETWEEN_PRINTS === 0) print()
      give()
    })
    give()
  })
}

/** Seeds are counted as done only up to the first that is still under way: a run that is cut off repeats a few. */
function store(seed) {
  progress.done.add(seed)
  while (progress.done.delete(progress.next)) progress.next += 1
  mkdirSync(new URL("../.cache/", import.meta.url), { recursive: true })
  writeFileSync(progressFile, JSON.stringify({ ...progress, done: [] }))
}

function readProgress(first) {
  try {
    if (values.from === undefined) return { ...JSON.parse(readFileSync(progressFile, "utf8")), done: new Set() }
  } catch {
    // There was none, or it was cut off while being written.
  }
  return { first, next: first, done: new Set(), tally: emptyTally() }
}

function print() {
  const { tally } = progress
  const { events, tabs, faults } = tally.perSchedule
  const perSecond = ((tally.schedules - before) * 1_000) / (performance.now() - started)
  const { cell, times } = rarest(tally)
  console.log(
    [
      "",
      ...table(tally),
      `${tally.schedules} schedules, ${perSecond.toFixed(0)}/s; ${tally.events} events, ${tally.requests} requests, ${tally.received} messages received`,
      `median of a schedule: ${median(events)} events, ${median(tabs)} tabs, ${median(faults)} faults; rarest: ${cell}, ${times} times`,
    ].join("\n"),
  )
}
