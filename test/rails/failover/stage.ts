// Everybody who takes part: a cluster, four tabs of one browser, twenty hubs and as many of each yardstick in processes of
// their own.

import { launch, end, type Running } from "../../browser/lab/browser.ts"
import { makeSite } from "../../browser/lab/site.ts"
import { Tab } from "../../browser/lab/tab.ts"
import { Cluster } from "../lab/cluster.ts"
import { chatPage } from "../lab/lab.ts"
import type { Adapter } from "../lab/puma.ts"
import { VisitorProcess } from "../visitors/process.ts"
import { failOver, untilCurrent, type Outcome } from "./round.ts"

const TABS = 4
const PROCESSES = 4
const VISITORS_EACH = 5
/** A node can die between commit and broadcast: those at the other node learn of the message when they reconcile. */
const RECONCILE_EVERY_MS = 5_000
const CONVERSATION = "failover"

/** @param told called after each round */
export async function failOverAgainAndAgain(
  adapter: Adapter,
  rounds: number,
  told: (outcome: Outcome, round: number) => void,
): Promise<Outcome[]> {
  const site = makeSite()
  const cluster = await Cluster.start({ adapter, nodes: 2, site: site.directory })
  const visitors: VisitorProcess[] = []
  let browser: Running | undefined
  try {
    browser = await launch("chromium")
    const tabs: Tab[] = []
    for (let n = 0; n < TABS; n++) {
      const page = chatPage(CONVERSATION, null, { reconcileEvery: RECONCILE_EVERY_MS })
      const tab = await Tab.open(browser.browser, cluster.origin, page)
      await tab.untilCaughtUp()
      tabs.push(tab)
    }
    for (let n = 0; n < PROCESSES; n++) {
      const each = { ours: VISITORS_EACH, naive: VISITORS_EACH, rewound: VISITORS_EACH }
      const assignment = {
        origin: cluster.origin,
        conversations: [CONVERSATION],
        each,
        reconcileEvery: RECONCILE_EVERY_MS,
      }
      visitors.push(VisitorProcess.start(assignment))
    }
    const scene = { cluster, conversation: CONVERSATION, tabs, visitors }
    await untilCurrent(scene)
    const outcomes: Outcome[] = []
    for (let round = 1; round <= rounds; round++) {
      const outcome = await failOver(scene)
      told(outcome, round)
      outcomes.push(outcome)
    }
    return outcomes
  } finally {
    await Promise.all(visitors.map(visitor => visitor.stop()))
    if (browser) await end(browser)
    await cluster.stop()
    site.remove()
  }
}
