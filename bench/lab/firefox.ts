// Firefox, without WebDriver: a page that it starts with opens the tabs, each in a browsing context group of its own, as
// if somebody had opened them one by one. A tab closes itself.

import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { WebSocketServer, type WebSocket } from "ws"
import type { Browser } from "./browser.ts"

/** Hidden tabs work like visible ones: what is measured is delivery, not throttling. Nothing else is downloaded. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.allow_scripts_to_close_windows": true,
  "dom.disable_open_during_load": false,
  "dom.min_background_timeout_value": 4,
  "dom.popup_maximum": -1,
  "dom.timeout.enable_budget_timer_throttling": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
}

const OPENER = `<!doctype html><title>opener</title><script>
  const orders = new WebSocket(location.origin.replace("http", "ws"))
  orders.onmessage = ({ data }) => open(data, "_blank", "noopener")
</script>`

export class Firefox implements Browser {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #server: Server
  readonly #opener: WebSocket

  private constructor(process: ChildProcess, profile: string, server: Server, opener: WebSocket) {
    this.#process = process
    this.#profile = profile
    this.#server = server
    this.#opener = opener
  }

  static async launch(): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), "trunkline-bench-"))
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
    await writeFile(join(profile, "user.js"), lines.join("\n"))
    const server = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(OPENER))
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
    const opened = once(new WebSocketServer({ server }), "connection") as Promise<[WebSocket]>
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const binary = process.env["TRUNKLINE_FIREFOX"] ?? "firefox"
    const child = spawn(binary, ["--headless", "--no-remote", "--profile", profile, url], { stdio: "ignore" })
    const end = () => child.kill()
    process.once("exit", end)
    child.once("exit", () => process.off("exit", end))
    const failed = once(child, "error").then(([error]: unknown[]) => Promise.reject(error as Error))
    const [opener] = await Promise.race([opened, failed])
    return new Firefox(child, profile, server, opener)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async version(): Promise<string> {
    const child = spawn(this.#process.spawnfile, ["--version"], { stdio: ["ignore", "pipe", "ignore"] })
    const text = (await child.stdout.toArray()).join("")
    return text.trim().replace("Mozilla ", "")
  }

  async open(url: string): Promise<null> {
    this.#opener.send(url)
    return null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, "exit")
    this.#process.kill("SIGKILL") // in good order it takes seconds, and nothing of it is kept
    await exited
    this.#server.close()
    this.#server.closeAllConnections()
    this.#opener.terminate()
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}
