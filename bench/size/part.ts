// Size: gzip of what a page and the worker load, each library bundled alone as an application's bundler would do it.

import { gzipSync } from "node:zlib"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build, type Rolldown } from "vite"
import type { Part } from "../part.ts"
import { OURS } from "../lab/contestants.ts"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const GOALS = { page: 7_000, worker: 14_000 }

const LIBRARIES: Readonly<Record<string, string>> = {
  [OURS.name]: `${ROOT}dist/client/index.js`,
  "@rails/actioncable": "@rails/actioncable",
  "@anycable/web": "@anycable/web",
  comlink: "comlink",
}

export const size: Part = {
  name: "size",

  async measure(_stage, _plan, results) {
    for (const [name, file] of Object.entries(LIBRARIES)) results.add(name, {}, { page: await pageSize(file) })
    results.add(OURS.name, {}, { worker: gzip(readFileSync(`${ROOT}dist/worker.js`, "utf8")) })
  },

  section(results) {
    const bytes = (metric: string, name: string) => results.spread(metric, name, {}).median
    const shown = (value: number) => (Number.isNaN(value) ? "–" : value.toLocaleString("en"))
    const tables = [
      {
        title: "Bytes gzip",
        head: ["", "page", "worker"],
        rows: results.contestants("page").map(name => [name, shown(bytes("page", name)), shown(bytes("worker", name))]),
      },
    ]
    const goals = Object.entries(GOALS).map(([what, most]) => {
      const seen = bytes(what, OURS.name)
      return { goal: `${what} ≤ ${most.toLocaleString("en")} bytes gzip`, seen: shown(seen), isMet: seen <= most }
    })
    return { title: "Size", tables, charts: [], goals, remarks: [] }
  },
}

/** What is loaded at once; what only other hosts need is not. */
async function pageSize(library: string): Promise<number> {
  const { output } = (await build({
    configFile: false,
    root: `${ROOT}bench`,
    logLevel: "error",
    plugins: [
      {
        name: "library",
        resolveId: source => (source === "library" ? `${ROOT}bench/size/library.js` : null),
        load: path => (path === `${ROOT}bench/size/library.js` ? `export * from ${JSON.stringify(library)}` : null),
      },
    ],
    build: {
      write: false,
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: "library",
        preserveEntrySignatures: "strict",
        output: { codeSplitting: { groups: [{ name: "vite", test: /^\0vite\// }] } },
      },
    },
  })) as Rolldown.RolldownOutput
  const chunks = output.filter(file => file.type === "chunk")
  return chunks
    .filter(({ isDynamicEntry, name }) => !isDynamicEntry && name !== "vite")
    .reduce((sum, { code }) => sum + gzip(code), 0)
}

function gzip(code: string): number {
  return gzipSync(code, { level: 9 }).length
}
