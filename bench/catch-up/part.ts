// A long outage: the cable is cut, thousands of messages are persisted, and all tabs of one browser catch up at once. What
// counts is the time from the first page's request to the last tab's last message.

import { OURS, type Contestant } from "../lab/contestants.ts"
import { withTabs } from "../lab/stage.ts"
import type { Part } from "../part.ts"
import { inTurns } from "../rounds.ts"
import { cell, count } from "../section.ts"

const PER_PAGE = 1_000
const MESSAGES = 10_000
const LONG: Contestant = { ...OURS, query: `${OURS.query}&limit=${PER_PAGE}` }
/** Outages for one opening of the tabs. */
const OUTAGES = 3

export const catchUp: Part = {
  name: "catch-up",

  async measure({ server }, plan, results) {
    for (const engine of plan.engines ?? (["Chromium"] as const)) {
      for (const tabs of plan.tabs ?? (plan.isQuick ? [5] : [1, 5, 20])) {
        await inTurns(engine, plan.runs ?? (plan.isQuick ? 1 : 2), [LONG], results, async (contestant, browser) => {
          await withTabs({ server, browser }, contestant, { tabs }, async room => {
            for (let outage = 0; outage < OUTAGES; outage++) {
              const { sinceAsked, reports, requests } = await room.outage(MESSAGES, async () => {})
              const received = reports.reduce((sum, each) => sum + each.count, 0)
              const repeats = reports.reduce((sum, each) => sum + each.disorder + each.repeats, 0)
              const figures = { rate: received / sinceAsked, requests, repeats, lost: MESSAGES * tabs - received }
              results.add(contestant.name, { engine, tabs }, figures)
            }
          })
        })
      }
    }
  },

  section(results) {
    const tables = results.each<string>("engine", "rate").map(engine => ({
      title: `${engine}, ${MESSAGES.toLocaleString("en")} missed messages in pages of ${PER_PAGE}`,
      head: ["median [least–most]", "thousand deliveries a second", "requests", "late or repeated", "lost"],
      rows: results
        .each<number>("tabs", "rate", { engine })
        .map(tabs => [
          count(tabs, "tab"),
          ...(["rate", "requests", "repeats", "lost"] as const).map(metric =>
            cell(results.spread(metric, OURS.name, { engine, tabs }), metric === "rate" ? 1 : 0),
          ),
        ]),
    }))
    return { title: "A long catch-up", tables, charts: [], goals: [], remarks: [] }
  },
}
