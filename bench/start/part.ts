// Start: from `createConsumer` to the first `connected`, in the first tab and in one that comes later.

import { ANYCABLE, CABLE_SHARED_WORKER, NAIVE, ON_OTHER_HOSTS, OURS, RAILS } from "../lab/contestants.ts"
import { withRoom } from "../lab/stage.ts"
import type { Part } from "../part.ts"
import { inTurns } from "../rounds.ts"
import { cell } from "../section.ts"

const CONTESTANTS = [OURS, ...ON_OTHER_HOSTS, RAILS, ANYCABLE, CABLE_SHARED_WORKER, NAIVE]
const TABS = ["first tab", "second tab", "third tab"]
const SECOND_GOAL_MS = 50

export const start: Part = {
  name: "start",

  async measure({ server }, plan, results) {
    const contestants = CONTESTANTS.filter(({ name }) => plan.only.test(name))
    for (const engine of plan.engines ?? (["Chromium"] as const)) {
      await inTurns(engine, plan.runs ?? (plan.isQuick ? 5 : 9), contestants, results, async (contestant, browser) => {
        await withRoom({ server, browser }, contestant, { tabs: TABS.length }, async (room, open) => {
          const times: Record<string, number> = {}
          for (const [tab, name] of TABS.entries()) {
            await open(tab)
            await room.ready(tab)
            times[name] = room.connected.get(tab) ?? NaN
          }
          results.add(contestant.name, { engine }, times)
        })
      })
    }
  },

  section(results) {
    const engines = results.each<string>("engine", TABS[0] ?? "")
    const tables = engines.map(engine => ({
      title: `${engine}, milliseconds from \`createConsumer\` to \`connected\``,
      head: ["median [least–most]", ...TABS],
      rows: results
        .contestants(TABS[0] ?? "", { engine })
        .map(name => [name, ...TABS.map(tab => cell(results.spread(tab, name, { engine }), 0))]),
    }))
    const goals = engines.map(engine => {
      const { median } = results.spread("second tab", OURS.name, { engine })
      return {
        goal: `${engine}: second tab connected in ≤ ${SECOND_GOAL_MS} ms`,
        seen: `${median.toFixed(0)} ms`,
        isMet: median <= SECOND_GOAL_MS,
      }
    })
    return { title: "Start", tables, charts: [], goals, remarks: [] }
  },
}
