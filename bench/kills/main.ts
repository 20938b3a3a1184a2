// Recovery: from a hub's death to the next message in each tab that survives, at 50 messages a second in four tabs, on
// every host whose tabs share a hub. Ends with an error if a tab was not given every message once.

import { parseArgs } from "node:util"

import { end, launch } from "../../test/browser/lab/browser.ts"
import { killHubs } from "../../test/browser/lab/kills.ts"
import { Lab } from "../../test/browser/lab/lab.ts"
import { LEADER_TABS, SHARED_WORKERS } from "../../test/browser/lab/place.ts"
import { findBrowsers } from "../lab/browser.ts"
import { machine } from "../machine.ts"
import { describeTimes } from "../spread.ts"

const { values: options } = parseArgs({
  options: { kills: { type: "string", default: "20" }, only: { type: "string", default: "" } },
})
const kills = Number(options.kills)

findBrowsers()
console.log(`${machine()}\nmilliseconds from a kill to the next message, ${kills} kills each`)
for (const [where, place] of [...SHARED_WORKERS, ...LEADER_TABS].filter(([name]) => name.includes(options.only))) {
  const running = await launch(place.engine)
  const lab = new Lab(place)
  lab.begin(running)
  try {
    console.log(`${where.padEnd(24)} ${describeTimes(await killHubs(lab, kills))}`)
  } finally {
    await lab.clean()
    lab.end()
    await end(running)
  }
}
