// Another build of the package beside the one that is tested, as after a deploy: of another version, or of another bridge.

import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { build } from "vite"

import { BRIDGE_VERSION } from "../../../shared/bridge.ts"

const ROOT = fileURLToPath(new URL("../../../", import.meta.url))
const BRIDGE = /BRIDGE_VERSION = \d+/

export type Build = { version: string; bridge?: number }

/** Makes `<name>.html`, which shows what `index.html` shows with the other build. */
export async function addBuild(site: string, name: string, { version, bridge = BRIDGE_VERSION }: Build): Promise<void> {
  const own = `BRIDGE_VERSION = ${bridge}`
  const directory = join(site, "builds", name)
  cpSync(join(site, "dist"), directory, { recursive: true })
  await build({
    root: ROOT,
    configFile: join(ROOT, "vite.config.ts"),
    logLevel: "warn",
    define: { __BUILD__: JSON.stringify(`${version}+test`) },
    plugins: [{ name: "bridge", transform: code => (BRIDGE.test(code) ? code.replace(BRIDGE, own) : null) }],
    build: { outDir: directory, emptyOutDir: false },
  })
  const contract = join(directory, "shared/bridge.js")
  writeFileSync(contract, readFileSync(contract, "utf8").replace(BRIDGE, own))
  const page = readFileSync(join(site, "index.html"), "utf8")
  writeFileSync(join(site, `${name}.html`), page.replaceAll("/dist/", `/builds/${name}/`))
}
