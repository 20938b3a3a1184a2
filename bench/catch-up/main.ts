// A long outage: the cable is cut, thousands of messages are persisted, and all tabs of one browser catch up at once. What
// counts is the time from the first page's request to the last tab's last message.

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle } from "../fanout/bundle.ts"
import { Chromium } from "../fanout/chromium.ts"
import type { Contestant } from "../fanout/contestants.ts"
import { withTabs } from "../fanout/run.ts"
import { BenchServer } from "../fanout/server.ts"
import { machine } from "../machine.ts"
import { spreadOf } from "../spread.ts"

const TABS = 5
const MESSAGES = 10_000
const PER_PAGE = 1_000
const RUNS = 7
const OURS: Contestant = {
  name: "ours",
  role: "ours",
  page: "ours",
  query: `catchUp=1&limit=${PER_PAGE}`,
  window: null,
}

const assets = await mkdtemp(join(tmpdir(), "trunkline-assets-"))
try {
  await bundle(assets, { minify: true })
  const server = await BenchServer.start(assets)
  await measure(server).finally(() => server.stop())
} finally {
  await rm(assets, { recursive: true })
}

async function measure(server: BenchServer): Promise<void> {
  console.log(machine())
  const rates: number[] = []
  await using chromium = await Chromium.launch()
  await withTabs({ server, chromium }, OURS, TABS, async room => {
    for (let run = 0; run < RUNS; run++) {
      const { ms, reports, requests } = await room.outage(MESSAGES)
      const received = reports.reduce((sum, { count }) => sum + count, 0)
      const wrong = reports.reduce((sum, { disorder, repeats }) => sum + disorder + repeats, 0)
      if (received !== MESSAGES * TABS || wrong > 0) process.exitCode = 1
      rates.push((received * 1_000) / ms)
      console.log(
        `${received} deliveries in ${Math.round(ms)} ms, ${requests} pages; ${wrong} out of order or repeated`,
      )
    }
  })
  const { median, least, most } = spreadOf(rates)
  const [middle, low, high] = [median, least, most].map(rate => Math.round(rate).toLocaleString("en"))
  console.log(`${await chromium.version()}: deliveries per second: ${middle} [${low}–${high}]`)
}
