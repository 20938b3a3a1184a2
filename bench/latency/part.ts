// Latency at 100 messages a second: from the server's send to `received`, by clocks that each page compares beforehand.

import { CABLE_SHARED_WORKER, NAIVE, ON_OTHER_HOSTS, OURS, RAILS, raw } from "../lab/contestants.ts"
import { withTabs } from "../lab/stage.ts"
import type { Part } from "../part.ts"
import { inTurns } from "../rounds.ts"
import { cell, count } from "../section.ts"
import { share } from "../spread.ts"

const EVERY_MS = 10
const WARM_UP = 50
const CEILING = raw(1, 0)
const CONTESTANTS = [OURS, ...ON_OTHER_HOSTS, RAILS, CABLE_SHARED_WORKER, NAIVE, CEILING]

export const latency: Part = {
  name: "latency",

  async measure({ server }, plan, results) {
    const contestants = CONTESTANTS.filter(({ name }) => plan.only.test(name))
    const messages = ((plan.seconds ?? 1.5) * 1_000) / EVERY_MS
    for (const engine of plan.engines ?? (["Chromium"] as const)) {
      for (const tabs of plan.tabs ?? [1, 8]) {
        await inTurns(
          engine,
          plan.runs ?? (plan.isQuick ? 3 : 5),
          contestants,
          results,
          async (contestant, browser) => {
            await withTabs({ server, browser }, contestant, { tabs, query: "clock=1" }, async room => {
              await room.drip(WARM_UP, EVERY_MS)
              const { reports } = await room.drip(messages, EVERY_MS)
              const times = reports.flatMap(each => each.latencies)
              results.add(contestant.name, { engine, tabs }, { p50: share(times, 0.5), p99: share(times, 0.99) })
            })
          },
        )
      }
    }
  },

  section(results) {
    const tables = results.each<string>("engine", "p50").map(engine => {
      const tabCounts = results.each<number>("tabs", "p50", { engine })
      const cells = (name: string) =>
        tabCounts.flatMap(tabs => ["p50", "p99"].map(metric => cell(results.spread(metric, name, { engine, tabs }), 2)))
      return {
        title: `${engine}, milliseconds from send to \`received\` at 100 messages a second`,
        head: [
          "median [least–most] of the runs",
          ...tabCounts.flatMap(tabs => ["p50", "p99"].map(share => `${share}, ${count(tabs, "tab")}`)),
        ],
        rows: results.contestants("p50", { engine }).map(name => [name, ...cells(name)]),
      }
    })
    const goals = results.each<string>("engine", "p50").map(engine => {
      const [ours, direct] = [OURS, RAILS].map(({ name }) => results.spread("p50", name, { engine, tabs: 1 }).median)
      const more = (ours ?? NaN) - (direct ?? NaN)
      return {
        goal: `${engine}, 1 tab: latency p50 ≤ a direct socket + 1 ms`,
        seen: `+ ${more.toFixed(2)} ms`,
        isMet: more <= 1,
      }
    })
    return { title: "Latency", tables, charts: [], goals, remarks: [] }
  },
}
