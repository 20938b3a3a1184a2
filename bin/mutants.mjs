// `npm run sim:mutants`: each deliberate mistake of test/simulation/mutants.ts must be caught by one of 2,000 schedules, always
// the same. `--only <text>` tries those whose name contains it; `--counts <file>` writes how many passed and failed.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { MUTANTS } from "../test/simulation/mutants.ts"
import { FIXED } from "../test/simulation/schedule.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const cache = join(root, ".cache/mutants")
const parts = ["shared", "worker", "client", "test/simulation"]

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, workers: { type: "string" }, counts: { type: "string" } },
})
const wanted = MUTANTS.filter(({ breaks }) => breaks.includes(values.only))
const queue = [...wanted]
let failed = 0
rmSync(cache, { recursive: true, force: true })
await Promise.all(Array.from({ length: Number(values.workers ?? availableParallelism()) }, work))
rmSync(cache, { recursive: true, force: true })
const passed = wanted.length - failed
console.log(`${passed} passed, ${failed} failed`)
if (values.counts) writeFileSync(values.counts, JSON.stringify({ passed, failed }))
process.exitCode = failed ? 1 : 0

async function work() {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const problem = await tryOne(mutant).catch(error => String(error))
    if (problem.startsWith("caught")) console.log(`ok   ${mutant.breaks}: ${problem}`)
    else {
      failed += 1
      console.log(`FAIL ${mutant.breaks}: ${problem}`)
    }
  }
}

/** A copy of the sources with the mistake in it runs schedules until one breaks a promise. */
async function tryOne({ breaks, edits }) {
  const copy = join(cache, String(MUTANTS.findIndex(mutant => mutant.breaks === breaks)))
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  for (const edit of edits) {
    const problem = apply(copy, edit)
    if (problem) return problem
  }
  const worker = new Worker(pathToFileURL(join(copy, "test/simulation/worker.ts")))
  try {
    for (let seed = 1; seed <= FIXED.blocks; seed++) {
      const { broken, tally } = await run(worker, { seed, runs: FIXED.block, shrinks: false })
      if (broken)
        return `caught by schedule ${(seed - 1) * FIXED.block + tally.schedules}: ${broken.promise.split("\n")[0]}`
    }
    return `survived ${FIXED.blocks * FIXED.block} schedules`
  } finally {
    await worker.terminate()
  }
}

function apply(copy, { from, to }) {
  const places = sources(copy).filter(file => readFileSync(file, "utf8").includes(from))
  const [file] = places
  if (places.length !== 1) return `the text to be replaced is in ${places.length} files: ${from}`
  const text = readFileSync(file, "utf8")
  if (text.split(from).length !== 2) return `the text to be replaced is there more than once: ${from}`
  writeFileSync(
    file,
    text.replace(from, () => to),
  )
  return null
}

function sources(copy) {
  return parts
    .flatMap(part => readdirSync(join(copy, part), { recursive: true }).map(name => join(copy, part, name)))
    .filter(file => file.endsWith(".ts") && !file.endsWith("mutants.ts"))
}

function run(worker, block) {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners().once("message", resolve).once("error", reject)
    worker.postMessage(block)
  })
}
