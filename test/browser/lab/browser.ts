// The real browsers: Chromium and Firefox by puppeteer-core, over CDP and WebDriver BiDi, and WebKit by a driver of our own.

import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { launch as start, type Browser, type LaunchOptions } from "puppeteer-core"

import { killAll } from "./processes.ts"
import { startWebKit } from "./webkit.ts"

export type Engine = "chromium" | "firefox" | "webkit"
/** Those that each suite must hold in; WebKit has one of its own. */
export const ENGINES: readonly Engine[] = ["chromium", "firefox"]

/** A call into a page that hangs is to fail before its test does. */
const PROTOCOL_TIMEOUT_MS = 30_000

/** Set by bin/test-setup.mjs. */
const VARIABLES: Record<Engine, string> = {
  chromium: "TRUNKLINE_CHROMIUM",
  firefox: "TRUNKLINE_FIREFOX",
  webkit: "TRUNKLINE_WEBKIT",
}

const OPTIONS: Record<Exclude<Engine, "webkit">, LaunchOptions> = {
  chromium: {
    browser: "chrome",
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), // root has no sandbox
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    // With these, hidden tabs would not be throttled, and nothing here would say what happens in real ones.
    ignoreDefaultArgs: [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
  },
  firefox: { browser: "firefox" },
}

export type Running = { browser: Browser; profile: string }

/** What `about:config` shows. Firefox's only. */
export type Preferences = Readonly<Record<string, string | number | boolean>>

/** With a profile of its own. All tabs share it: a test's server has a port of its own, hence an origin of its own. */
export async function launch(engine: Engine, preferences: Preferences = {}): Promise<Running> {
  const executablePath = process.env[VARIABLES[engine]]
  if (!executablePath)
    throw new Error(`No ${engine}: install it, or set ${VARIABLES[engine]} to the executable's path.`)
  const profile = mkdtempSync(join(tmpdir(), `trunkline-${engine}-`))
  if (engine === "webkit") return { browser: await startWebKit(executablePath, profile), profile }
  const own = { executablePath, userDataDir: profile, protocolTimeout: PROTOCOL_TIMEOUT_MS }
  const browser = await start({ ...OPTIONS[engine], ...own, extraPrefsFirefox: { ...preferences } })
  return { browser, profile }
}

/** At once: Firefox takes up to 5 s to shut down in good order, and nothing of its profile is kept. */
export async function end({ browser, profile }: Running): Promise<void> {
  const process = browser.process()
  if (process?.exitCode === null && process.signalCode === null) {
    const exit = once(process, "exit")
    killAll(browser)
    await exit
  }
  // The last of them may still be writing into it.
  rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
