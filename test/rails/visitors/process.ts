// Visitors in a process of their own, as their parent sees them.

import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

import { within } from "../../browser/lab/within.ts"
import type { Question, Report } from "./main.ts"
import type { Assignment } from "./visitor.ts"

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url))
const DIST = new URL("../../../dist/", import.meta.url)
const PATIENCE_MS = 60_000

export class VisitorProcess {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static start(assignment: Omit<Assignment, "client" | "worker">): VisitorProcess {
    const client = new URL("client/index.js", DIST).href
    const worker = new URL("worker.js", DIST).href
    return new VisitorProcess(fork(MAIN, [JSON.stringify({ ...assignment, client, worker })]))
  }

  report(): Promise<Report> {
    return this.#ask("report")
  }

  /** Of ours: all that they were told. */
  histories(): Promise<unknown[]> {
    return this.#ask("histories")
  }

  async #ask<Answer>(question: Question): Promise<Answer> {
    const answered = once(this.#process, "message")
    this.#process.send(question)
    const [answer] = (await within(PATIENCE_MS, answered)) as [Answer]
    return answer
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, "exit")
    this.#process.kill("SIGKILL")
    await exit
  }
}
