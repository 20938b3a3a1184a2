// Memory: heaps of a page and of the worker, and the whole browser's, for one tab to twenty; and after a million messages,
// with a tab that is frozen all the while. Chromium, whose heaps can be looked at from outside.

import { Chromium } from "../lab/chromium.ts"
import { CABLE_SHARED_WORKER, NAIVE, OURS, RAILS } from "../lab/contestants.ts"
import { DevTools } from "../lab/devtools.ts"
import type { Room } from "../lab/room.ts"
import { withTabs, type Place } from "../lab/stage.ts"
import { memoryOf } from "../lab/usage.ts"
import type { Part } from "../part.ts"
import type { Results } from "../results.ts"
import { cell, count } from "../section.ts"

const CONTESTANTS = [OURS, RAILS, CABLE_SHARED_WORKER, NAIVE]
/** What a tab has been given before anybody looks. */
const MESSAGES = 2_000
const MANY = 1_000_000
const STEPS = 10

export const memory: Part = {
  name: "memory",

  async measure({ server }, plan, results) {
    const contestants = CONTESTANTS.filter(({ name }) => plan.only.test(name))
    for (const tabs of plan.tabs ?? [1, 5, 20]) {
      for (let round = 0; round < (plan.runs ?? (plan.isQuick ? 1 : 5)); round++) {
        for (const contestant of contestants) {
          await using browser = await Chromium.launch()
          results.browser(await browser.version())
          const place = { server, browser }
          const empty = memoryOf(browser.pid)
          await withTabs(place, contestant, { tabs }, async room => {
            await room.flood(MESSAGES)
            const browserMiB = (memoryOf(browser.pid) - empty) / tabs
            results.add(contestant.name, { tabs }, { browser: browserMiB, ...(await heapsOf(place)) })
          })
        }
      }
    }
    if (plan.only.test(OURS.name)) await passMany(server, plan.isQuick ? MANY / 10 : MANY, results)
  },

  section(results) {
    const tabCounts = results.each<number>("tabs", "page")
    const table = (metric: string, title: string, digits: number) => ({
      title,
      head: ["median [least–most]", ...tabCounts.map(tabs => count(tabs, "tab"))],
      rows: results
        .contestants(metric)
        .map(name => [name, ...tabCounts.map(tabs => cell(results.spread(metric, name, { tabs }), digits))]),
    })
    const passed = results.each<number>("passed", "worker after")
    const after = {
      title: `KiB after so many messages, three tabs, one of them frozen`,
      head: ["", ...passed.map(messages => messages.toLocaleString("en"))],
      rows: [["worker's heap", "worker after"] as const, ["page's heap", "page after"] as const].map(
        ([title, metric]) => [
          title,
          ...passed.map(messages => results.spread(metric, OURS.name, { passed: messages }).median.toFixed(0)),
        ],
      ),
    }
    return {
      title: "Memory",
      tables: [
        table("page", "A page's heap, KiB", 0),
        table("worker", "The worker's heap, KiB", 0),
        table("browser", "The whole browser's memory, MiB for each tab", 1),
        ...(passed.length > 0 ? [after] : []),
      ],
      charts: [],
      goals: [],
      remarks: [],
    }
  },
}

/** Nobody stays attached: an inspected worker keeps more than it would by itself. */
async function heapsOf({ server, browser }: Place & { browser: Chromium }): Promise<Record<string, number>> {
  const devtools = await DevTools.attach(browser)
  try {
    const page = await devtools.session("page", isTab(0))
    const heaps: Record<string, number> = { page: await page.heap() }
    const worker = await devtools.session("shared_worker", url => url.startsWith(server.origin)).catch(() => null)
    if (worker) heaps["worker"] = await worker.heap()
    return heaps
  } finally {
    devtools.close()
  }
}

async function passMany(server: Place["server"], messages: number, results: Results): Promise<void> {
  await using browser = await Chromium.launch()
  const place = { server, browser }
  await withTabs(place, OURS, { tabs: 3 }, async room => {
    await room.flood(MESSAGES)
    const devtools = await DevTools.attach(browser)
    const frozen = await devtools.session("page", isTab(2))
    await frozen.freeze()
    room.exclude(2)
    for (let step = 1; step <= STEPS; step++) {
      await flood(room, messages / STEPS)
      const { worker = NaN, page = NaN } = await heapsOf(place)
      results.add(OURS.name, { passed: (step * messages) / STEPS }, { "worker after": worker, "page after": page })
    }
    await frozen.thaw()
    devtools.close()
  })
}

/** In pieces, none of which takes longer than a room waits. */
async function flood(room: Room, messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent += PIECE) await room.flood(Math.min(PIECE, messages - sent))
}

const PIECE = 20_000

function isTab(tab: number): (url: string) => boolean {
  return url => url.endsWith(`&tab=${tab}`)
}
