// Where the time goes, in the worker and in one tab, during one flood. Such a run does not count: a debugger is attached.

import type { Contestant } from "./contestants.ts"
import { DevTools, type CpuProfile } from "./devtools.ts"
import { warmUp, withTabs, type Place } from "./run.ts"

const LINES = 25

/** @returns a table for people: share of the whole time, and function */
export function profile(place: Place, contestant: Contestant, tabs: number, seconds: number): Promise<string> {
  return withTabs(place, contestant, tabs, async room => {
    const count = await warmUp(room, seconds * 1_000)
    const devtools = await DevTools.attach(place.chromium)
    const { origin } = place.server
    const worker = await devtools.session("shared_worker", origin)
    const page = await devtools.session("page", `${origin}/pages/`)
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
