// `npm run test:bites [-- <part of a name> …]`: a test that cannot fail guards nothing. Each patch here breaks one promise;
// applied to a copy of the project, it must turn the test red that guards the promise. A patch that no longer applies, or
// whose test is red without it, is a failure too. Closes with `N passed, N failed`, or writes that to the file that
// `--counts <file>` names.

import { globSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { readBite, type Bite } from "./bite.ts"
import { copyProject, type Copy } from "./copy.ts"
import { judge, type Verdict } from "./verdict.ts"

const root = join(import.meta.dirname, "../..")
const { values, positionals } = parseArgs({ options: { counts: { type: "string" } }, allowPositionals: true })

const bites = globSync("test/bites/*.patch", { cwd: root })
  .toSorted((a, b) => a.localeCompare(b))
  .filter(file => positionals.length === 0 || positionals.some(part => file.includes(part)))
  .map(file => readBite(join(root, file)))

/** Most of a bite is waiting for processes to start. Each worker breaks a copy of its own. */
const SIDE_BY_SIDE = 2
const copies = Array.from({ length: SIDE_BY_SIDE }, () => copyProject(root))
process.on("exit", () => copies.forEach(copy => copy.remove()))
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const) {
  process.on(signal, () => process.exit(128 + number))
}

let failed = 0
const unpatched = new Map<Bite, Verdict>()
/** One run per project for all the tests that it has to offer. */
await share([...new Set(bites.map(({ project }) => project))], async ({ folder }, project) => {
  const group = bites.filter(bite => bite.project === project)
  for (const [bite, verdict] of await judge(folder, group)) unpatched.set(bite, verdict)
})
await share(bites, async (copy, bite) => {
  const started = performance.now()
  const trouble = await troubleWith(copy, bite, unpatched.get(bite))
  if (trouble) failed += 1
  const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5)
  console.log(
    `${trouble ? "FAILED" : "bites "} ${seconds} s  ${bite.name}: ${bite.breaks}${trouble ? `\n       ${trouble}` : ""}`,
  )
})

const passed = bites.length - failed
if (values.counts) writeFileSync(values.counts, JSON.stringify({ passed, failed }))
else console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

/** Each copy takes the next one when it has done its last. */
async function share<T>(all: readonly T[], work: (copy: Copy, one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const take = async (copy: Copy): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(copy, next)
  }
  await Promise.all(copies.map(take))
}

/** @returns what is wrong with a bite, or `null` when it does its work */
async function troubleWith(copy: Copy, bite: Bite, before: Verdict | undefined): Promise<string | null> {
  if (before?.type === "red") return `its test is red without the patch: ${before.why}`
  if (before?.type !== "green") return `its test cannot be judged without the patch: ${before?.why}`
  const mismatch = copy.apply(bite.patch)
  if (mismatch) return `the patch does not apply: ${mismatch}`
  try {
    const after = (await judge(copy.folder, [bite])).get(bite)
    if (after?.type === "red") return null
    if (after?.type === "green") return `nobody noticed: ${bite.file} -t "${bite.test}" is still green`
    return `its test cannot be judged: ${after?.why}`
  } finally {
    copy.revert(bite.patch)
  }
}
