// Two pages with Turbo's streams, for each way to bring Turbo and our client together.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const PAGE = join(ROOT, "test/turbo/page")
const CLIENT = join(ROOT, "dist/client/index.js")

const WIRING = {
  /** Built by Vite, with ours in place of Rails' client. */
  alias: (directory: string) =>
    bundle("alias", directory, { "@rails/actioncable/src": CLIENT, "@rails/actioncable": CLIENT }),
  /** Built by Vite, with our entry before Turbo's. */
  entry: (directory: string) =>
    bundle("entry", directory, { "trunkline/turbo": join(ROOT, "dist/client/turbo/index.js") }),
  /** Not built at all: the same entry, as an import map finds it beside the gem's own file of Turbo. */
  importmap: async (directory: string) => {
    mkdirSync(directory)
    cpSync(join(ROOT, "dist/standalone"), directory, { recursive: true })
    cpSync(
      join(ROOT, "node_modules/@hotwired/turbo-rails/app/assets/javascripts/turbo.js"),
      join(directory, "turbo.js"),
    )
    for (const [from, to] of Object.entries({ entry: "main.js", renders: "renders.js" })) {
      writeFileSync(join(directory, to), stripTypeScriptTypes(readFileSync(join(PAGE, `${from}.ts`), "utf8")))
    }
  },
}

const IMPORT_MAP = {
  imports: {
    trunkline: "/importmap/trunkline.js",
    "trunkline/turbo": "/importmap/trunkline-turbo.js",
    "trunkline/turbo/elements": "/importmap/trunkline-turbo-elements.js",
    "@hotwired/turbo-rails": "/importmap/turbo.js",
    "/importmap/renders.ts": "/importmap/renders.js",
  },
}

export type Wiring = keyof typeof WIRING
export const WIRINGS = Object.keys(WIRING) as Wiring[]

/** The streams of each page. */
export const PAGES = { first: ["common", "one"], second: ["common", "two"] } as const
export type PageName = keyof typeof PAGES

export async function buildSite(wiring: Wiring): Promise<{ directory: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-turbo-"))
  await WIRING[wiring](join(directory, wiring))
  for (const name of Object.keys(PAGES) as PageName[]) {
    writeFileSync(join(directory, wiring, `${name}.html`), html(wiring, name))
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

async function bundle(wiring: Wiring, outDir: string, alias: Record<string, string>): Promise<void> {
  await build({
    root: PAGE,
    configFile: false,
    logLevel: "error",
    base: `/${wiring}/`,
    resolve: { alias },
    build: { outDir, rolldownOptions: { input: `${wiring}.ts`, output: { entryFileNames: "main.js" } } },
  })
}

/** What `turbo_stream_from` identifies its stream by. */
export function identifier(stream: string): string {
  return JSON.stringify({ channel: "EchoChannel", signed_stream_name: stream })
}

function html(wiring: Wiring, name: PageName): string {
  const sources = PAGES[name].map(
    stream =>
      `<turbo-cable-stream-source channel="EchoChannel" signed-stream-name="${stream}"></turbo-cable-stream-source>`,
  )
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${name}</title>
    <link rel="icon" href="data:,">
    <meta name="trunkline-identity" content="visitor">
    <script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
    <script type="module" src="/${wiring}/main.js"></script>
  </head>
  <body>
    ${sources.join("\n    ")}
    <div id="messages"></div>
  </body>
</html>
`
}
