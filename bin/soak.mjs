// `npm run soak`: what must hold each time, again and again. Every test of tabs, hosts and hubs that come and go, 20 times
// in every engine and on every host; then 100 hubs killed on each. Takes hours; ends with what failed, and how often.

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

import { build } from "./build.mjs"

const LIFECYCLE = ["lifecycle", "leader", "hosts", "wake", "sharing", "webkit"]

const root = fileURLToPath(new URL("../", import.meta.url))
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    kills: { type: "string", default: "100" },
    only: { type: "string", default: LIFECYCLE.join() },
  },
})
const names = new Set(values.only.split(","))
const inWebKit = names.delete("webkit")
const files = [...names].map(name => `test/browser/${name}.test.ts`)
const scratch = mkdtempSync(join(tmpdir(), "trunkline-soak-"))
/** By a test's full name. */
const tally = new Map()

try {
  await build()
  for (let round = 1; round <= Number(values.rounds); round++) {
    console.log(`\n── round ${round} of ${values.rounds}`)
    if (files.length > 0) run("browser", files)
    if (inWebKit) run("webkit")
  }
  if (Number(values.kills) > 0) run("browser", ["test/browser/kills.test.ts"])
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
const failures = [...tally].filter(([, { failed }]) => failed > 0)
for (const [name, { passed, failed }] of failures) console.log(`${failed} of ${passed + failed} failed: ${name}`)
const sum = of => [...tally.values()].reduce((total, counts) => total + counts[of], 0)
console.log(`\n${tally.size} tests: ${sum("passed")} passed, ${sum("failed")} failed`)
process.exitCode = failures.length > 0 || tally.size === 0 ? 1 : 0

/** One run of these files of a project, or of all. */
function run(project, files = []) {
  const report = join(scratch, "report.json")
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  const args = ["run", "--silent", project, "--", ...files, ...reporters]
  const env = { ...process.env, TRUNKLINE_BUILT: "1", TRUNKLINE_MATRIX: "all", TRUNKLINE_KILLS: values.kills }
  spawnSync("npm", args, { cwd: root, env, stdio: "inherit" })
  const { testResults } = JSON.parse(readFileSync(report, "utf8"))
  for (const { fullName, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const counts = tally.get(fullName) ?? { passed: 0, failed: 0 }
    if (status in counts) counts[status] += 1
    tally.set(fullName, counts)
  }
}
