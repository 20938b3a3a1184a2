// Recovery: from when a killed server accepts again until every tab is complete. 8 tabs, 3 streams, 500 messages that were
// missed. Rails' and AnyCable's clients with the catch-up that people write around them: ask again after each `connected`.

import { setTimeout as wait } from "node:timers/promises"
import { ANYCABLE, OURS, RAILS, type Contestant } from "../lab/contestants.ts"
import { withTabs } from "../lab/stage.ts"
import type { Part } from "../part.ts"
import { inTurns } from "../rounds.ts"
import { cell, type Section } from "../section.ts"

const TABS = 8
const STREAMS = 3
const MISSED = 500
const GOAL_MS = 1_000
/** How long the server is away: a worker that is replaced, and a deploy. */
const DOWN_MS = [1_000, 5_000]

const refetching = (contestant: Contestant): Contestant => ({ ...contestant, query: "refetch=1" })
const CONTESTANTS = [OURS, refetching(RAILS), refetching(ANYCABLE)]
const METRICS = [
  ["ms", "milliseconds until every tab is complete", 0],
  ["requests", "catch-up requests", 0],
  ["kilobytes", "catch-up, kB", 0],
] as const

export const recovery: Part = {
  name: "recovery",

  async measure({ server }, plan, results) {
    const contestants = CONTESTANTS.filter(({ name }) => plan.only.test(name))
    for (const engine of plan.engines ?? (["Chromium"] as const)) {
      for (const down of plan.isQuick ? DOWN_MS.slice(0, 1) : DOWN_MS) {
        await inTurns(
          engine,
          plan.runs ?? (plan.isQuick ? 3 : 5),
          contestants,
          results,
          async (contestant, browser) => {
            await withTabs({ server, browser }, contestant, { tabs: TABS, streams: STREAMS }, async room => {
              await room.flood(STREAMS)
              const { ms, reports, requests, bytes } = await room.outage(MISSED, async () => {
                const accept = server.kill()
                await wait(down)
                await accept()
              })
              const received = reports.reduce((sum, each) => sum + each.count, 0)
              const figures = { ms, requests, kilobytes: bytes / 1_000, lost: MISSED * TABS - received }
              results.add(contestant.name, { engine, down }, figures)
            })
          },
        )
      }
    }
  },

  section(results) {
    const tables: Section["tables"][number][] = []
    const goals: Section["goals"][number][] = []
    for (const engine of results.each<string>("engine", "ms")) {
      for (const down of results.each<number>("down", "ms", { engine })) {
        const where = { engine, down }
        tables.push({
          title: `${engine}, ${TABS} tabs, ${STREAMS} streams, ${MISSED} missed messages, server away for ${down / 1_000} s`,
          head: ["median [least–most]", ...METRICS.map(([, what]) => what)],
          rows: results
            .contestants("ms", where)
            .map(name => [
              name,
              ...METRICS.map(([metric, , digits]) => cell(results.spread(metric, name, where), digits)),
            ]),
        })
        const { median } = results.spread("ms", OURS.name, where)
        goals.push({
          goal: `${engine}: recovery p50 < 1 s after the server was away for ${down / 1_000} s`,
          seen: `${median.toFixed(0)} ms`,
          isMet: median < GOAL_MS,
        })
      }
    }
    const lost = results.contestants("lost").flatMap(name =>
      results
        .each<number>("down", "lost")
        .flatMap(down =>
          results.each<string>("engine", "lost").flatMap(engine => results.values("lost", name, { engine, down })),
        )
        .some(value => value > 0)
        ? [`${name} was not given everything.`]
        : [],
    )
    return { title: "Recovery", tables, charts: [], goals, remarks: lost }
  },
}
