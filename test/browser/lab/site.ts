// The files that the embedded server serves to the tests: a fixture's pages and a copy of the built package, so that a
// build beside a running test does not pull the worker from under it.

import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const FIXTURE = new URL("../fixture/", import.meta.url)
const DIST = new URL("../../../dist/", import.meta.url)
const COMLINK = new URL("../../../node_modules/comlink/dist/esm/comlink.mjs", import.meta.url)

export type Site = { directory: string; remove(): void }

/**
 * @param fixture a folder of pages, workers and their TypeScript, which imports its own files only
 * @param files what else there is, by name
 */
export function makeSite(fixture = FIXTURE, files: Readonly<Record<string, URL>> = {}): Site {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-site-"))
  cpSync(DIST, join(directory, "dist"), { recursive: true })
  for (const [name, url] of Object.entries({ "comlink.mjs": COMLINK, ...files })) cpSync(url, join(directory, name))
  const sources = fileURLToPath(fixture)
  for (const file of globSync("*.{html,js}", { cwd: sources })) cpSync(join(sources, file), join(directory, file))
  for (const name of globSync("*.ts", { cwd: sources })) {
    const script = stripTypeScriptTypes(readFileSync(join(sources, name), "utf8"))
    const ownImports = /(from "\.\/[^"]+)\.ts"/g
    writeFileSync(join(directory, name.replace(/\.ts$/, ".js")), script.replace(ownImports, '$1.js"'))
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
