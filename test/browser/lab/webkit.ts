// WebKit, as Debian's WebKitGTK has it: its MiniBrowser, on a display that nobody sees, over plain WebDriver. Speaks as much
// of puppeteer's Browser and Page as the lab asks for.

import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { setTimeout as wait } from "node:timers/promises"

import type { Browser, Page } from "puppeteer-core"

import { within } from "./within.ts"

const PATIENCE_MS = 15_000
/** The driver does not tell when it listens, nor when a page has done what it was asked: it is asked again. */
const POLL_MS = 20

type Work = string | ((...args: never[]) => unknown)

/** @param miniBrowser its path, which is in nobody's PATH */
export async function startWebKit(miniBrowser: string, profile: string): Promise<Browser> {
  const display = await startDisplay()
  const port = await freePort()
  const folders = ["DATA", "CACHE", "CONFIG", "STATE"].map(kind => [`XDG_${kind}_HOME`, profile])
  const env = { ...process.env, ...Object.fromEntries(folders), DISPLAY: `:${display}`, NO_AT_BRIDGE: "1" }
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore", env })
  const session = await Session.open(`http://127.0.0.1:${port}`, miniBrowser)
  return new WebKit(driver, session) as unknown as Browser
}

/** It ends with the last program that shows something there. */
async function startDisplay(): Promise<string> {
  const options = ["-displayfd", "1", "-terminate", "-nolisten", "tcp", "-screen", "0", "1024x768x24"]
  const { stdout } = spawn("Xvfb", options, { stdio: ["ignore", "pipe", "ignore"] })
  const [name] = (await within(PATIENCE_MS, once(createInterface(stdout), "line"), async () => "a display")) as [string]
  return name
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

class Session {
  readonly #url: string
  /** The window that was there first. It stays, empty: the session ends with its last one. */
  readonly #home: string
  /** It ends with the first process of the browser that dies, while the others live on. */
  isOver = false
  /** Commands are for the window that was named last, so they go one at a time. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(url: string, home: string) {
    this.#url = url
    this.#home = home
  }

  static async open(driver: string, binary: string): Promise<Session> {
    const options = { binary, args: ["--automation"] }
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } }
    for (const end = Date.now() + PATIENCE_MS; ;) {
      try {
        await fetch(`${driver}/status`)
        break
      } catch (error) {
        if (Date.now() > end) throw error
        await wait(POLL_MS)
      }
    }
    const { sessionId } = (await command("POST", `${driver}/session`, { capabilities })) as { sessionId: string }
    const url = `${driver}/session/${sessionId}`
    return new Session(url, (await command("GET", `${url}/window`)) as string)
  }

  async newTab(): Promise<string> {
    const { handle } = (await this.in(this.#home, "POST", "/window/new", { type: "tab" })) as { handle: string }
    return handle
  }

  in(handle: string, method: string, path: string, body?: object): Promise<unknown> {
    const run = async () => {
      try {
        await command("POST", `${this.#url}/window`, { handle })
        return await command(method, `${this.#url}${path}`, body)
      } catch (error) {
        this.isOver ||= String(error).includes("invalid session id")
        throw error
      }
    }
    return (this.#last = this.#last.then(run, run))
  }
}

/** @throws with what the driver says */
async function command(method: string, url: string, body: object = {}): Promise<unknown> {
  const response = await fetch(url, { method, ...(method === "POST" && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: unknown }
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`)
  return value
}

class WebKit {
  readonly #driver: ChildProcess
  readonly #session: Session

  constructor(driver: ChildProcess, session: Session) {
    this.#driver = driver
    this.#session = session
  }

  get connected(): boolean {
    return !this.#session.isOver
  }

  process(): ChildProcess {
    return this.#driver
  }

  async newPage(): Promise<Page> {
    return new WebKitPage(this.#session, await this.#session.newTab()) as unknown as Page
  }
}

class WebKitPage {
  readonly #session: Session
  readonly #handle: string
  #isClosed = false
  #asked = 0

  constructor(session: Session, handle: string) {
    this.#session = session
    this.#handle = handle
  }

  isClosed(): boolean {
    return this.#isClosed
  }

  /** Of crashes nobody tells. */
  once(): void {}

  goto(url: string): Promise<unknown> {
    return this.#load("/url", { url })
  }

  goBack(): Promise<unknown> {
    return this.#load("/back")
  }

  reload(): Promise<unknown> {
    return this.#load("/refresh")
  }

  async close(): Promise<void> {
    this.#isClosed = true
    try {
      await this.#command("DELETE", "/window")
    } catch (error) {
      if (!this.#session.isOver) throw error
    }
  }

  /** The page keeps the result until it is fetched: a script that waited would keep the other windows waiting too. */
  async evaluate(work: Work, ...args: unknown[]): Promise<unknown> {
    const id = `${(this.#asked += 1)}`
    const source = typeof work === "string" ? `() => (${work})` : String(work)
    await this.#run(
      `const [id, args] = arguments
      const answers = (window.answers ??= { [id]: null })
      answers[id] = "{}"
      const answer = data => (answers[id] = JSON.stringify({ isDone: true, ...data }))
      Promise.resolve().then(() => (${source})(...args)).then(value => answer({ value }), error => answer({ error: String(error) }))`,
      [id, args],
    )
    for (;;) {
      const answer = await this.#run("return window.answers?.[arguments[0]]", [id])
      if (typeof answer !== "string") throw new Error("The page has gone")
      const { isDone, value, error } = JSON.parse(answer) as { isDone?: true; value?: unknown; error?: string }
      if (error !== undefined) throw new Error(error)
      if (isDone) return value
      await wait(POLL_MS)
    }
  }

  /** The driver answers before scripts have run. */
  async #load(path: string, body?: object): Promise<unknown> {
    await this.#command("POST", path, body)
    return this.evaluate(
      `document.readyState === "complete" || new Promise(resolve => addEventListener("load", resolve, { once: true })).then(() => true)`,
    )
  }

  #run(script: string, args: readonly unknown[]): Promise<unknown> {
    return this.#command("POST", "/execute/sync", { script, args })
  }

  #command(method: string, path: string, body?: object): Promise<unknown> {
    return this.#session.in(this.#handle, method, path, body)
  }
}
