// Two pages with Turbo's streams, for each way to bring Turbo and our client together; built by Vite.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const CLIENT = join(ROOT, "dist/client/index.js")

const ALIASES = {
  alias: { "@rails/actioncable/src": CLIENT, "@rails/actioncable": CLIENT },
  entry: { "trunkline/turbo": join(ROOT, "dist/client/turbo/index.js") },
}

export type Wiring = keyof typeof ALIASES
export const WIRINGS = Object.keys(ALIASES) as Wiring[]

/** The streams of each page. */
export const PAGES = { first: ["common", "one"], second: ["common", "two"] } as const
export type PageName = keyof typeof PAGES

export async function buildSite(): Promise<{ directory: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-turbo-"))
  for (const wiring of WIRINGS) {
    await build({
      root: join(ROOT, "test/turbo/page"),
      configFile: false,
      logLevel: "error",
      base: `/${wiring}/`,
      resolve: { alias: ALIASES[wiring] },
      build: {
        outDir: join(directory, wiring),
        rolldownOptions: { input: `${wiring}.ts`, output: { entryFileNames: "main.js" } },
      },
    })
    for (const name of Object.keys(PAGES) as PageName[])
      writeFileSync(join(directory, wiring, `${name}.html`), html(wiring, name))
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
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
    <script type="module" src="/${wiring}/main.js"></script>
  </head>
  <body>
    ${sources.join("\n    ")}
    <div id="messages"></div>
  </body>
</html>
`
}
