// A server's process: started, awaited by what it says when it is ready, killed. Needs Linux: should this process die, its
// servers die with it (setpriv).

import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"

import { within } from "../../browser/lab/within.ts"

const PATIENCE_MS = 60_000
/** Characters of output that are kept for whoever has to find out what went wrong. */
const OUTPUT_LIMIT = 20_000

export type ServiceOptions = {
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** Another account than this process's: PostgreSQL refuses to run as root. */
  user?: string
  /** What it prints once it can be used. */
  ready: RegExp
}

export class Service {
  readonly #options: ServiceOptions
  #process: ChildProcess | undefined
  #output = ""

  private constructor(options: ServiceOptions) {
    this.#options = options
  }

  static async start(options: ServiceOptions): Promise<Service> {
    const service = new Service(options)
    await service.start()
    return service
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error(`${this.#options.command} was never started`)
    return pid
  }

  get isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output
  }

  /** Again, after it was killed or died. */
  async start(): Promise<void> {
    const { command, args, env = {}, cwd, user, ready } = this.#options
    const account = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"]
    const child = spawn("setpriv", [...account, "--pdeathsig", "KILL", command, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: process.env["TRUNKLINE_RAILS_PATH"], ...env },
      cwd,
    })
    this.#process = child
    this.#output = ""
    const isReady = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8")
        stream.on("data", (text: string) => {
          this.#output = (this.#output + text).slice(-OUTPUT_LIMIT)
          if (ready.test(this.#output)) resolve()
        })
      }
      child.on("error", reject)
      child.on("exit", () => reject(new Error(`${command} ended instead of starting:\n${this.#output}`)))
    })
    await within(PATIENCE_MS, isReady, async () => `${command} is ready:\n${this.#output}`)
  }

  async kill(signal: "SIGKILL" | "SIGTERM" | "SIGQUIT" = "SIGKILL"): Promise<void> {
    if (!this.#process || !this.isRunning) return
    const exit = once(this.#process, "exit")
    this.#process.kill(signal)
    await within(PATIENCE_MS, exit, async () => `${this.#options.command} ends after ${signal}:\n${this.#output}`)
  }

  /** Resolves when it is gone, of itself or killed. */
  async ended(): Promise<void> {
    if (this.#process && this.isRunning) await once(this.#process, "exit")
  }
}
