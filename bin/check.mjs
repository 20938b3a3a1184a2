// The one command that checks everything (`npm test`); with `--all` also what takes long, and on every host. Closes with a
// table of times and the line `N passed, N failed`, in which a test counts as one, and so does a step that has no tests of
// its own.

import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const root = fileURLToPath(new URL("../", import.meta.url))
const { values: options } = parseArgs({ options: { all: { type: "boolean" } } })
const scratch = mkdtempSync(join(tmpdir(), "trunkline-check-"))

/** How a step reports its counts into a file; without a reporter, its exit status is the one thing it tells. */
const REPORTERS = {
  vitest: file => ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
  bites: file => ["--counts", file],
  mutants: file => ["--counts", file],
}

/** Stages follow each other; the steps of one run side by side, two at a time. `script` is an npm script. */
const STAGES = [
  [{ script: "format:check" }, { script: "build" }, { script: "browsers" }],
  // The demo uses the package by its name: its types are those that were built.
  [
    { script: "lint", needs: "build" },
    { script: "types", needs: "build" },
  ],
  [
    { script: "unit", reporter: "vitest" },
    { script: "package", reporter: "vitest", needs: "build" },
    { script: "simulation", reporter: "vitest" },
  ],
  // Alone: what drives browsers needs the machine for itself.
  [{ script: "browser", reporter: "vitest", needs: "build" }],
  [{ script: "conformance", reporter: "vitest", needs: "build" }],
  [{ script: "test:bites", reporter: "bites" }],
]
const LONG_STAGES = [
  [{ script: "sim:mutants", reporter: "mutants" }],
  ...["webkit", "conformance:all", "turbo", "packaging", "test:rails"].map(script => [
    { script, reporter: "vitest", needs: "build" },
  ]),
]
const SIDE_BY_SIDE = 2

if (options.all) process.env.TRUNKLINE_MATRIX = "all" // read by test/browser/lab/place.ts

const results = []
try {
  for (const stage of options.all ? [...STAGES, ...LONG_STAGES] : STAGES) await runStage(stage)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
console.log(`\n${results.map(describe).join("\n")}\n\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

async function runStage(stage) {
  const waiting = [...stage]
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step, stage.length === 1))
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
}

async function runStep({ script, reporter, needs }, alone) {
  const heading = `\n── ${script} ${"─".repeat(60 - script.length)}\n`
  if (needs && results.some(result => result.script === needs && result.failed > 0)) {
    process.stdout.write(`${heading}not run: ${needs} failed\n`)
    return { script, seconds: 0, passed: 0, failed: 1 }
  }
  if (alone) process.stdout.write(heading)
  const started = performance.now()
  const file = join(scratch, `${script.replaceAll(":", "-")}.json`)
  const { status, output } = await npm(script, reporter ? REPORTERS[reporter](file) : [], alone)
  if (!alone) process.stdout.write(heading + output)
  return {
    script,
    seconds: (performance.now() - started) / 1_000,
    ...(reporter ? count(file, status) : outcome(status)),
  }
}

function npm(script, args, live) {
  return new Promise(resolve => {
    const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}
    const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
      cwd: root,
      env: { ...process.env, ...colour, TRUNKLINE_BUILT: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8")
      stream.on("data", text => {
        if (live) process.stdout.write(text)
        else output += text
      })
    }
    child.on("error", error => resolve({ status: 1, output: `${output}${error.message}\n` }))
    child.on("close", status => resolve({ status, output }))
  })
}

/** What a step's report says; a step that failed without naming a failed test, or ran none, has failed all the same. */
function count(file, status) {
  const report = readReport(file)
  const passed = report.numPassedTests ?? report.passed ?? 0
  const failed = report.numFailedTests ?? report.failed ?? 0
  return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return {}
  }
}

function outcome(status) {
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function describe({ script, seconds, passed, failed }) {
  const counts = failed > 0 ? `${failed} FAILED` : `${passed} passed`
  return `${script.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${counts}`
}
