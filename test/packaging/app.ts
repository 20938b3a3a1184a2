// An application that has installed the packed package, as npm would unpack it.

import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const SAMPLES = join(ROOT, "test/packaging/samples")

export type App = { directory: string; remove(): void }

export async function installApp(): Promise<App> {
  // The real path: bundlers compare it with what they find.
  const directory = mkdtempSync(join(tmpdir(), "trunkline-app-"))
  const { stdout } = await promisify(execFile)("npm", ["pack", "--json", "--pack-destination", directory], {
    cwd: ROOT,
  })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  const pack = join(directory, "node_modules/trunkline")
  mkdirSync(pack, { recursive: true })
  await promisify(execFile)("tar", ["-xzf", join(directory, filename), "-C", pack, "--strip-components=1"])
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(directory, "node_modules", name)), { recursive: true })
    symlinkSync(join(ROOT, "node_modules", name), join(directory, "node_modules", name))
  }
  cpSync(SAMPLES, directory, { recursive: true })
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }')
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** @param head what the way of packaging needs there */
export function html(head: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>sample</title>
    <link rel="icon" href="data:,">
    <meta name="trunkline-identity" content="visitor">
    ${head}
  </head>
  <body></body>
</html>
`
}
