// `npm run sim:mutants`: each deliberate mistake of test/simulation/mutants.ts must be caught by one of 2,000 schedules, always
// the same. `--only <text>` tries those whose name contains it; `--counts <file>` writes how many passed and failed.

import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { MUTANTS } from "../test/simulation/mutants.ts"
import { FIXED } from "../test/simulation/schedule.ts"
import { firstBroken, PARTS, withCopy } from "./copies.mjs"

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, workers: { type: "string" }, counts: { type: "string" } },
})
const wanted = MUTANTS.filter(({ breaks }) => breaks.includes(values.only))
const queue = [...wanted]
let failed = 0
await Promise.all(Array.from({ length: Number(values.workers ?? availableParallelism()) }, work))
const passed = wanted.length - failed
console.log(`${passed} passed, ${failed} failed`)
if (values.counts) writeFileSync(values.counts, JSON.stringify({ passed, failed }))
process.exitCode = failed ? 1 : 0

async function work() {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const problem = await withCopy(copy => tryOne(copy, mutant)).catch(error => String(error))
    if (problem.startsWith("caught")) console.log(`ok   ${mutant.breaks}: ${problem}`)
    else {
      failed += 1
      console.log(`FAIL ${mutant.breaks}: ${problem}`)
    }
  }
}

/** A copy of the sources with the mistake in it runs schedules until one breaks a promise. */
async function tryOne(copy, { edits }) {
  for (const edit of edits) {
    const problem = apply(copy, edit)
    if (problem) return problem
  }
  const broken = await firstBroken(copy)
  if (broken) return `caught by schedule ${broken.schedule}: ${broken.promise}`
  return `survived ${FIXED.blocks * FIXED.block} schedules`
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
  return PARTS.flatMap(part =>
    readdirSync(join(copy, part), { recursive: true }).map(name => join(copy, part, name)),
  ).filter(file => file.endsWith(".ts") && !file.endsWith("mutants.ts"))
}
