// Runs named tests in a copy of the project and says how they ended.

import { execFile } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import type { Bite } from "./bite.ts"

/** `red` is an answer about the code; `broken` says that the tests could not give one. */
export type Verdict = { type: "green" } | { type: "red"; why: string } | { type: "broken"; why: string }

type Report = { testResults: { name: string; message: string; assertionResults: Result[] }[] }
type Result = { fullName: string; status: string; failureMessages: string[] }

const LONGEST_MS = 5 * 60_000

/** What a patch that is no code any more throws: no test has judged anything then. */
const NOT_CODE = /^(Caused by: )?(SyntaxError|ReferenceError|TypeError)\b/m

/** @returns the verdict on each bite's test, of bites of one project; one run for all of them. */
export async function judge(folder: string, bites: readonly Bite[]): Promise<Map<Bite, Verdict>> {
  const { report, output } = await runTests(folder, bites)
  return new Map(bites.map(bite => [bite, verdictOn(bite, folder, report, output)]))
}

function verdictOn(bite: Bite, folder: string, report: Report | null, output: string): Verdict {
  if (!report) return { type: "broken", why: `vitest did not finish: ${lastLines(output)}` }
  const file = report.testResults.find(({ name }) => relative(folder, name) === bite.file)
  if (!file) return { type: "broken", why: `${bite.file} did not run: ${lastLines(output)}` }
  const name = new RegExp(bite.test)
  const ran = file.assertionResults.filter(({ fullName, status }) => name.test(fullName) && isOver(status))
  if (ran.length === 0) return { type: "broken", why: `no test named so ran: ${file.message || bite.test}` }
  const failures = ran.flatMap(({ failureMessages }) => failureMessages)
  if (ran.every(({ status }) => status === "passed")) return { type: "green" }
  const crash = failures.find(message => NOT_CODE.test(message))
  return crash
    ? { type: "broken", why: `it crashed: ${firstLine(crash)}` }
    : { type: "red", why: firstLine(failures[0] ?? "") }
}

function runTests(folder: string, bites: readonly Bite[]): Promise<{ report: Report | null; output: string }> {
  const json = join(folder, ".cache/bites.json")
  rmSync(json, { force: true })
  const names = [...new Set(bites.map(({ test }) => `(?:${test})`))].join("|")
  const files = new Set(bites.map(({ file }) => file))
  const args = ["run", "--project", bites[0]?.project ?? "", ...files, "-t", names]
  const reporting = ["--reporter=json", `--outputFile=${json}`, "--no-color"]
  // The copy's dist is not what the original's is: let vitest build it.
  const { TRUNKLINE_BUILT: _, ...env } = process.env
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [join(folder, "node_modules/vitest/vitest.mjs"), ...args, ...reporting],
      { cwd: folder, env, timeout: LONGEST_MS, maxBuffer: 64 * 1_048_576 },
      (_error, stdout, stderr) => resolve({ report: readReport(json), output: stdout + stderr }),
    )
  })
}

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report
  } catch {
    return null
  }
}

/** Tests that `-t` leaves out are reported as skipped. */
function isOver(status: string): boolean {
  return status === "passed" || status === "failed"
}

function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0] ?? ""
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-12).join("\n       ")
}
