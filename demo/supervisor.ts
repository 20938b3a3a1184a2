// Keeps one server process running on one port: replaces it when told to deploy, and when it dies.

import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { createInterface } from "node:readline"

/** How long nobody answers during a deploy: long enough to be seen. */
const DEPLOY_MS = 1_500
const SCRIPT = new URL("./server.ts", import.meta.url).pathname

export class Supervisor {
  readonly #args: readonly string[]
  readonly #pause: number
  #child: ChildProcess | null = null
  #port = 0
  #stopped = false

  /** @param args for demo/server.ts, without the port; `pause` in milliseconds between two processes */
  constructor(args: readonly string[], pause = DEPLOY_MS) {
    this.#args = args
    this.#pause = pause
  }

  /** @returns the port, once the first process listens */
  async start(port: number): Promise<number> {
    this.#port = port
    this.#port = await this.#run()
    return this.#port
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill("SIGTERM")
    await once(child, "exit")
  }

  async #run(): Promise<number> {
    const child = spawn(process.execPath, [SCRIPT, "--port", String(this.#port), ...this.#args], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    })
    this.#child = child
    child.on("message", message => message === "deploy" && child.kill("SIGTERM"))
    if (!child.stdout) throw new Error("The server has no output to read its port from.")
    const exited = once(child, "exit")
    const first = await Promise.race([once(createInterface(child.stdout), "line"), exited.then(() => null)])
    if (!first) throw new Error("The server did not start: its output above says why.")
    void exited.then(() => this.#replace())
    return (JSON.parse(String(first[0])) as { port: number }).port
  }

  #replace(): void {
    if (this.#stopped) return
    setTimeout(() => {
      if (this.#stopped) return
      this.#run().catch((error: unknown) => {
        console.error(error)
        process.exitCode = 1
      })
    }, this.#pause)
  }
}

/** @returns `wanted`, or the next port up that nobody listens on */
export async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 100; port++) {
    const probe = createServer()
    try {
      probe.listen(port, "127.0.0.1")
      await once(probe, "listening")
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error
    } finally {
      probe.close()
    }
  }
  throw new Error(`No free port from ${wanted} on: name another with PORT=…`)
}
