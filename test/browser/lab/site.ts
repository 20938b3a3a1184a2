// The files that the embedded server serves to the tests: the fixture page and a copy of the built package, so that a
// build beside a running test does not pull the worker from under it.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const FIXTURE = new URL("../fixture/", import.meta.url)
const DIST = new URL("../../../dist/", import.meta.url)
const COMLINK = new URL("../../../node_modules/comlink/dist/esm/comlink.mjs", import.meta.url)

export type Site = { directory: string; remove(): void }

export function makeSite(): Site {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-site-"))
  cpSync(DIST, join(directory, "dist"), { recursive: true })
  cpSync(COMLINK, join(directory, "comlink.mjs"))
  cpSync(fileURLToPath(new URL("index.html", FIXTURE)), join(directory, "index.html"))
  const page = readFileSync(new URL("page.ts", FIXTURE), "utf8")
  writeFileSync(join(directory, "page.js"), stripTypeScriptTypes(page))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
