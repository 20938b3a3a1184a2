// A browser with a fresh profile, and its tabs. No debugger is attached to any of them: it would make what we measure slower.

import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Chromium } from "./chromium.ts"
import { Firefox } from "./firefox.ts"

export const ENGINES = ["Chromium", "Firefox"] as const
export type Engine = (typeof ENGINES)[number]

export interface Browser extends AsyncDisposable {
  readonly pid: number
  version(): Promise<string>
  /** @returns what closes it, if it can be closed from outside; otherwise a page is told to close itself */
  open(url: string): Promise<(() => Promise<void>) | null>
}

export function launch(engine: Engine): Promise<Browser> {
  return engine === "Chromium" ? Chromium.launch() : Firefox.launch()
}

/** Sets where they are; fails with what to install. */
export function findBrowsers(): void {
  // It prints `NAME=path` for each.
  const found = execFileSync(process.execPath, [fileURLToPath(new URL("../../bin/browsers.mjs", import.meta.url))])
  for (const [, name = "", path] of String(found).matchAll(/^(TRUNKLINE_\w+)=(.+)$/gm)) process.env[name] = path
}
