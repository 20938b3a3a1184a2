// Fan-out: WebSocket frames into one browser → `received` in N tabs. Ours beside the naive way and the physical ceiling,
// in turns, in one browser after the other, so that whatever the machine does meanwhile happens to all of them.

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { machine } from "../machine.ts"
import { bundle } from "./bundle.ts"
import { Chromium } from "./chromium.ts"
import { CONTESTANTS } from "./contestants.ts"
import { profile } from "./profile.ts"
import { run, type Result } from "./run.ts"
import { BenchServer } from "./server.ts"
import { report } from "./table.ts"

const { values: options } = parseArgs({
  options: {
    tabs: { type: "string", default: "1,5,20" },
    runs: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.5" },
    only: { type: "string", default: "" },
    profile: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
})
const tabCounts = options.tabs.split(",").map(Number)
const seconds = Number(options.seconds)
const contestants = CONTESTANTS.filter(({ name }) => name.includes(options.only))

const assets = await mkdtemp(join(tmpdir(), "trunkline-assets-"))
try {
  await bundle(assets, { minify: !options.profile })
  const server = await BenchServer.start(assets)
  await (options.profile ? profileAll(server) : compare(server)).finally(() => server.stop())
} finally {
  await rm(assets, { recursive: true })
}

async function compare(server: BenchServer): Promise<void> {
  const results = new Map(contestants.map(contestant => [contestant, new Map<number, Result[]>()]))
  const before = machine()
  let version = ""
  for (let round = 0; round < Number(options.runs); round++) {
    await using chromium = await Chromium.launch()
    version = await chromium.version()
    for (const tabs of tabCounts) {
      for (const contestant of contestants) {
        const result = await run({ server, chromium }, contestant, tabs, seconds)
        if (options.verbose) console.log(tabs, contestant.name, rounded(result))
        const byTabs = results.get(contestant)
        byTabs?.set(tabs, [...(byTabs.get(tabs) ?? []), result])
      }
    }
  }
  console.log(`${version}\nbefore: ${before}\nafter:  ${machine()}\n`)
  console.log(report(results, tabCounts))
}

async function profileAll(server: BenchServer): Promise<void> {
  for (const tabs of tabCounts) {
    for (const contestant of contestants) {
      await using chromium = await Chromium.launch()
      console.log(`${contestant.name}, ${tabs} tabs\n${await profile({ server, chromium }, contestant, tabs, seconds)}`)
    }
  }
}

function rounded(result: Result): Record<string, number> {
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, Math.round(value)]))
}
