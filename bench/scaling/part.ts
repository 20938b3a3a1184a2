// The law by which costs grow: with tabs, in the core alone; with streams, in a flood; with missed messages, in a catch-up.

import { threadTime } from "../core/processor.ts"
import { IDENTIFIER, World } from "../core/world.ts"
import { growthOf } from "../growth.ts"
import { OURS, type Contestant } from "../lab/contestants.ts"
import { runFlood } from "../lab/flood.ts"
import { messageText } from "../lab/message.ts"
import { withTabs } from "../lab/stage.ts"
import type { Part } from "../part.ts"
import type { Results } from "../results.ts"
import { inTurns } from "../rounds.ts"
import { cell, type Table } from "../section.ts"

const TABS = 5
const FRAMES = 20_000
/** Frames that a task of the worker finds, and the milliseconds between two tasks. */
const BURST = { frames: 64, ms: 4 }
const LONG: Contestant = { ...OURS, query: `${OURS.query}&limit=1000` }

/** What grows, what it costs, and in which unit. */
const LAWS = [
  { metric: "core", of: "tabs", unit: "µs of the core for a frame", values: [1, 10, 100, 1_000] },
  { metric: "streams", of: "streams", unit: "µs of the browser for a message, 5 tabs", values: [1, 4, 16, 64] },
  { metric: "missed", of: "messages", unit: "ms until 5 tabs have caught up", values: [100, 1_000, 10_000] },
] as const

export const scaling: Part = {
  name: "scaling",

  async measure({ server }, plan, results) {
    const runs = plan.runs ?? (plan.isQuick ? 2 : 5)
    const [core, streams, missed] = LAWS
    for (let round = 0; round < runs; round++) {
      for (const tabs of core.values) results.add(OURS.name, { tabs }, { core: coreCost(tabs) })
    }
    await inTurns("Chromium", runs, streams.values, results, async (count, browser) => {
      const setting = { tabs: TABS, streams: count }
      const { cpu } = await runFlood({ server, browser }, OURS, setting, plan.seconds ?? 0.6)
      results.add(OURS.name, { streams: count }, { streams: cpu * TABS })
    })
    await inTurns("Chromium", runs, missed.values, results, async (messages, browser) => {
      await withTabs({ server, browser }, LONG, { tabs: TABS }, async room => {
        const { sinceAsked } = await room.outage(messages, async () => {})
        results.add(OURS.name, { messages }, { missed: sinceAsked })
      })
    })
  },

  section(results) {
    return {
      title: "Scaling law",
      tables: LAWS.map(law => tableOf(results, law)),
      charts: [],
      goals: [],
      remarks: LAWS.map(({ metric, of, unit }) => {
        const points = results
          .each<number>(of, metric)
          .map(x => [x, results.spread(metric, OURS.name, { [of]: x }).median] as const)
        const { fixed, each, power } = growthOf(points)
        return `${unit}: ${fixed.toPrecision(3)} + ${each.toPrecision(3)} × ${of}; as a power of the ${of}, ${power.toFixed(2)}.`
      }),
    }
  },
}

function tableOf(results: Results, { metric, of, unit }: (typeof LAWS)[number]): Table {
  const values = results.each<number>(of, metric)
  return {
    title: unit,
    head: [of, ...values.map(value => value.toLocaleString("en"))],
    rows: [["median [least–most]", ...values.map(value => cell(results.spread(metric, OURS.name, { [of]: value })))]],
  }
}

/** @returns µs for a frame, with tabs that catch up */
function coreCost(tabs: number): number {
  const texts = Array.from({ length: FRAMES }, (_, index) =>
    messageText(index + 1, { type: "message", at: new Date((index / BURST.frames) * BURST.ms) }),
  )
  const world = new World(
    texts.map(text => JSON.parse(text) as unknown),
    tabs,
    true,
  )
  const frames = texts.map(text => `{"identifier":${JSON.stringify(IDENTIFIER)},"message":${text}}`)
  const began = threadTime()
  for (let sent = 0; sent < FRAMES; sent += BURST.frames) world.burst(frames.slice(sent, sent + BURST.frames), BURST.ms)
  return ((threadTime() - began) * 1_000) / FRAMES
}
