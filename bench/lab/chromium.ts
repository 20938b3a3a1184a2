// A Chromium with a fresh profile, and its tabs. They are opened and closed through the debugging port's HTTP side alone:
// nobody attaches, because an attached debugger makes what we measure slower.

import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Browser } from "./browser.ts"

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  // Hidden tabs work like visible ones: what is measured is delivery, not throttling.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--remote-debugging-port=0",
]

export class Chromium implements Browser {
  /** Of the debugging port. */
  readonly origin: string
  readonly #process: ChildProcess
  readonly #profile: string

  private constructor(origin: string, process: ChildProcess, profile: string) {
    this.origin = origin
    this.#process = process
    this.#profile = profile
  }

  static async launch(): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "trunkline-bench-"))
    const binary = process.env["TRUNKLINE_CHROMIUM"] ?? "chromium"
    const child = spawn(binary, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    })
    child.on("error", () => {}) // its output then ends at once
    const end = () => child.kill()
    process.once("exit", end)
    child.once("exit", () => process.off("exit", end))
    for await (const line of createInterface(child.stderr)) {
      const found = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line)
      if (!found) continue
      child.stderr.resume()
      return new Chromium(`http://${found[1]}`, child, profile)
    }
    await rm(profile, { recursive: true })
    throw new Error(`${binary} did not start: set TRUNKLINE_CHROMIUM to the executable's path.`)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async version(): Promise<string> {
    const response = await fetch(`${this.origin}/json/version`)
    return ((await response.json()) as { Browser: string }).Browser
  }

  /** @returns what closes it */
  async open(url: string): Promise<() => Promise<void>> {
    const response = await fetch(`${this.origin}/json/new?${encodeURIComponent(url)}`, { method: "PUT" })
    const { id } = (await response.json()) as { id: string }
    return async () => {
      await (await fetch(`${this.origin}/json/close/${id}`)).text()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, "exit")
    this.#process.kill()
    await exited
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
