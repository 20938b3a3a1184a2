// Where the time goes, in the worker and in one tab, during one flood. Such a run does not count: a debugger is attached.

import { Chromium } from "../lab/chromium.ts"
import { CEILINGS, NAIVE, OURS, WITHOUT_CATCH_UP, type Contestant } from "../lab/contestants.ts"
import { DevTools, type CpuProfile } from "../lab/devtools.ts"
import { warmUp } from "../lab/flood.ts"
import type { BenchServer } from "../lab/server.ts"
import { withTabs } from "../lab/stage.ts"
import type { Plan } from "../part.ts"

const LINES = 25

export async function profileFloods(server: BenchServer, { tabs, seconds, only }: Plan): Promise<void> {
  for (const count of tabs ?? [1, 20]) {
    for (const contestant of [OURS, WITHOUT_CATCH_UP, NAIVE, ...CEILINGS]) {
      if (!only.test(contestant.name)) continue
      console.log(`${contestant.name}, ${count} tabs\n${await profile(server, contestant, count, seconds ?? 1.5)}`)
    }
  }
}

/** @returns a table for people: share of the whole time, and function */
async function profile(server: BenchServer, contestant: Contestant, tabs: number, seconds: number): Promise<string> {
  await using browser = await Chromium.launch()
  return await withTabs({ server, browser }, contestant, { tabs }, async room => {
    const count = await warmUp(room, seconds * 1_000)
    const devtools = await DevTools.attach(browser)
    const { origin } = server
    const worker = await devtools.session("shared_worker", url => url.startsWith(origin))
    const page = await devtools.session("page", url => url.startsWith(`${origin}/pages/`))
    const endWorker = await worker.profile()
    const endPage = await page.profile()
    const { ms, sent, requests } = await room.flood(count)
    const [ofWorker, ofPage] = [selfTimes(await endWorker()), selfTimes(await endPage())]
    const inspection = await page.evaluate("globalThis.inspect?.()")
    devtools.close()
    return [
      `${sent} messages in ${Math.round(ms)} ms, ${requests} catch-up pages`,
      `worker\n${ofWorker}`,
      `tab\n${ofPage}`,
      JSON.stringify(inspection, null, 2) ?? "",
    ].join("\n\n")
  })
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): string {
  const names = new Map<number, string>()
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame
    const place = url ? ` ${url.replace(/.*\//, "")}:${lineNumber + 1}` : ""
    names.set(id, `${functionName || "(anonymous)"}${place}`)
  }
  const times = new Map<string, number>()
  let total = 0
  samples.forEach((sample, index) => {
    const name = names.get(sample) ?? "?"
    const time = timeDeltas[index] ?? 0
    times.set(name, (times.get(name) ?? 0) + time)
    total += time
  })
  const lines = [...times].toSorted(([, a], [, b]) => b - a).slice(0, LINES)
  return lines.map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`).join("\n")
}
