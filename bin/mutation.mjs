// `npm run mutation`: Stryker changes the core in every way that it knows, and the core's own tests have to notice. Which
// changes they let live then go through 300 schedules of the simulation. Only what changed since the last run is run again;
// `--fresh` runs all. `--only <text>` takes the files whose name contains it; `--tests-only` leaves the simulation out.

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { availableParallelism, constants, setPriority } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import stryker from "../test/mutation/stryker.config.mjs"
import { firstBroken, withCopy } from "./copies.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const { mutate, thresholds, incrementalFile } = stryker
const verdictsFile = join(root, ".cache/mutation-schedules.json")
/** Stryker remembers nothing of a run that is cut off, so it runs a few files at a time. */
const FILES_AT_ONCE = 5
/** Of 50 schedules each. */
const BLOCKS = 6

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    workers: { type: "string" },
    fresh: { type: "boolean" },
    "tests-only": { type: "boolean" },
  },
})
const workers = Number(options.workers ?? availableParallelism())
setPriority(constants.priority.PRIORITY_LOW)

const files = coreFiles().filter(file => file.includes(options.only))
for (let i = 0; i < files.length; i += FILES_AT_ONCE) runTests(files.slice(i, i + FILES_AT_ONCE))
const mutants = files.flatMap(readMutants)
if (!options["tests-only"]) await runSchedules(mutants.filter(({ by }) => by === null))
report(mutants)

/** Smallest first. */
function coreFiles() {
  const size = file => statSync(join(root, file)).size
  const [included, ...excluded] = mutate
  const without = new Set(excluded.flatMap(pattern => globSync(pattern.slice(1), { cwd: root })))
  return globSync(included, { cwd: root })
    .filter(file => !without.has(file))
    .toSorted((a, b) => size(a) - size(b))
}

function runTests(some) {
  const args = ["run", "test/mutation/stryker.config.mjs", "--mutate", some.join(","), "--concurrency", String(workers)]
  if (options.fresh) args.push("--force")
  const { status, error } = spawnSync("stryker", args, { cwd: root, stdio: "inherit" })
  if (error) throw error
  if (status !== 0) throw new Error(`stryker ended with ${status}`)
}

/** @returns every change that was tried in this file; `by` is what noticed it: the tests, a timeout of theirs, or nothing */
function readMutants(file) {
  const { source, mutants: tried } = JSON.parse(readFileSync(join(root, incrementalFile), "utf8")).files[file] ?? {}
  return (tried ?? [])
    .filter(({ status }) => status !== "Ignored" && status !== "CompileError" && status !== "RuntimeError")
    .map(({ status, location: { start, end }, replacement, mutatorName }) => {
      const [from, to] = [offset(source, start), offset(source, end)]
      const by = status === "Killed" ? "tests" : status === "Timeout" ? "timeout" : null
      return { file, source, from, to, replacement, mutatorName, place: `${start.line}:${start.column}`, by }
    })
}

/** Stryker counts lines and columns from 1. */
function offset(source, { line, column }) {
  const before = source.split("\n").slice(0, line - 1)
  return before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1
}

/** What tests let live, in the simulated world. Verdicts on files that are as they were are kept. */
async function runSchedules(survivors) {
  const verdicts = readVerdicts()
  const queue = survivors.toReversed()
  await Promise.all(Array.from({ length: workers }, work))
  async function work() {
    for (let mutant = queue.pop(); mutant; mutant = queue.pop()) {
      const key = createHash("sha256").update(mutated(mutant)).digest("hex")
      if (options.fresh || !(key in verdicts)) verdicts[key] = await withCopy(copy => tryOne(copy, mutant))
      mutant.by = verdicts[key] && "schedules"
      console.log(`${mutant.file}:${mutant.place} ${verdicts[key] ?? "survived"}`)
      writeFileSync(verdictsFile, JSON.stringify(verdicts))
    }
  }
}

/** @returns what noticed the change; `null` if nothing did */
async function tryOne(copy, mutant) {
  writeFileSync(join(copy, mutant.file), mutated(mutant))
  try {
    const broken = await firstBroken(copy, BLOCKS)
    return broken && `caught by schedule ${broken.schedule}: ${broken.promise}`
  } catch (error) {
    return `caught: ${String(error)}`
  }
}

function mutated({ source, from, to, replacement }) {
  return source.slice(0, from) + replacement + source.slice(to)
}

function readVerdicts() {
  mkdirSync(join(root, ".cache"), { recursive: true })
  try {
    return JSON.parse(readFileSync(verdictsFile, "utf8"))
  } catch {
    return {}
  }
}

function report(all) {
  console.log("")
  for (const { file, place, source, from, to, replacement, by } of all) {
    if (by === null) console.log(`${file}:${place}  ${oneLine(source.slice(from, to))}  →  ${oneLine(replacement)}`)
  }
  console.log(
    "\n| file | changes | by tests | by a timeout | by schedules | survived | score |\n| --- | --- | --- | --- | --- | --- | --- |",
  )
  for (const file of files.toSorted()) row(basename(file), ofFile(file, all))
  const score = row("all", all)
  process.exitCode = score < thresholds.low ? 1 : 0
}

function ofFile(file, all) {
  return all.filter(mutant => mutant.file === file)
}

function row(name, some) {
  const count = by => some.filter(mutant => mutant.by === by).length
  const survived = count(null)
  const score = some.length === 0 ? 100 : (100 * (some.length - survived)) / some.length
  const cells = [name, some.length, count("tests"), count("timeout"), count("schedules"), survived, score.toFixed(1)]
  console.log(`| ${cells.join(" | ")} |`)
  return score
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, " ")
  return line.length > 90 ? `${line.slice(0, 90)}…` : line
}
