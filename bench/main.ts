// `npm run bench` measures everything, `npm run bench -- fan-out latency` what is named. With `--write` the figures go into
// docs/performance.md; with `--quick` it takes some minutes and says less.

import { parseArgs } from "node:util"
import { profileFloods } from "./fan-out/profile.ts"
import { ENGINES, findBrowsers, type Engine } from "./lab/browser.ts"
import { Stage } from "./lab/stage.ts"
import type { Part, Plan } from "./part.ts"
import { PARTS } from "./parts.ts"
import { keeper, writeDocument } from "./report.ts"
import { Results } from "./results.ts"
import { render, renderGoals } from "./section.ts"

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    runs: { type: "string" },
    seconds: { type: "string" },
    engine: { type: "string" },
    tabs: { type: "string" },
    payload: { type: "string" },
    only: { type: "string", default: "" },
  },
})

const plan: Plan = {
  isQuick: options.quick,
  runs: options.runs === undefined ? null : Number(options.runs),
  seconds: options.seconds === undefined ? null : Number(options.seconds),
  engines: options.engine === undefined ? null : options.engine.split(",").map(engineOf),
  tabs: options.tabs === undefined ? null : options.tabs.split(",").map(Number),
  payloads: options.payload === undefined ? null : options.payload.split(",").map(Number),
  only: new RegExp(options.only),
}
const parts = names.length > 0 ? names.map(partOf) : PARTS

findBrowsers()
await using stage = await Stage.build({ minify: !options.profile })
if (options.profile) {
  await profileFloods(stage.server, plan)
} else {
  for (const part of parts) {
    const results = new Results()
    const keep = options.write ? keeper(part, results) : () => {}
    results.onComplete = keep
    await part.measure(stage, plan, results)
    keep()
    if (results.isEmpty) continue
    const section = part.section(results)
    console.log(`${render(section, results.conditions)}\n`)
    if (section.goals.length > 0) console.log(`${renderGoals(section.goals)}\n`)
  }
  if (options.write) writeDocument(PARTS)
}

function partOf(name: string): Part {
  const part = PARTS.find(part => part.name === name)
  if (!part) throw new Error(`There is no part ${name}: ${PARTS.map(({ name }) => name).join(", ")}.`)
  return part
}

function engineOf(name: string): Engine {
  const engine = ENGINES.find(engine => engine.toLowerCase() === name.toLowerCase())
  if (!engine) throw new Error(`There is no engine ${name}: ${ENGINES.join(", ")}.`)
  return engine
}
