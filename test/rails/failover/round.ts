// Failover, round by round: messages flow, each node is killed in turn and started again, everybody connects again, and the
// messages stop; then what was persisted in the round is compared with what each visitor was given.

import { setTimeout as wait } from "node:timers/promises"

import type { Tab } from "../../browser/lab/tab.ts"
import type { Cluster } from "../lab/cluster.ts"
import type { VisitorProcess } from "../visitors/process.ts"
import type { Kind } from "../visitors/visitor.ts"
import { keepEvidence } from "./evidence.ts"
import { Producer } from "./producer.ts"

export const PRODUCERS = 4
const EVERY_MS = 150
/** With both nodes up; and with one, before the other is started again. */
const CALM_MS = 1_000
const LOOK_MS = 500
const PATIENCE_MS = 60_000

/** Pairs of a message and a visitor who was not given it, or not once only. */
export type Tally = { holes: number; repeats: number }
/** Tabs of a real browser, and the kinds of visitors in Node. */
export type Party = "tabs" | Kind
/**
 * `seconds` after the last message was persisted, ours had all of them; NaN if never. `evidence`: a file, where ours missed or
 * repeated something.
 */
export type Outcome = { persisted: number; tallies: Record<Party, Tally>; seconds: number; evidence?: string }

export type Scene = {
  cluster: Cluster
  conversation: string
  tabs: readonly Tab[]
  visitors: readonly VisitorProcess[]
}

export async function failOver(scene: Scene): Promise<Outcome> {
  const { cluster, conversation } = scene
  const before = new Set(await cluster.ids(conversation))
  const url = `${cluster.origin}/webchats/42/messages`
  const names = Array.from({ length: PRODUCERS }, (_, n) => `${conversation}-${before.size}-${n}`)
  const producers = names.map(name => new Producer(name, url, conversation, EVERY_MS))
  for (const { service } of cluster.nodes) {
    await wait(CALM_MS)
    await service.kill("SIGKILL")
    await wait(CALM_MS)
    await service.start()
  }
  // Nobody stops writing because somebody else reconnects.
  await untilCurrent(scene)
  await wait(CALM_MS)
  await Promise.all(producers.map(producer => producer.stop()))
  const persisted = (await cluster.ids(conversation)).filter(id => !before.has(id))
  return settle(scene, persisted)
}

/** Waits until everybody is connected and caught up again, and those who are to miss nothing have everything. */
async function settle(scene: Scene, persisted: readonly number[]): Promise<Outcome> {
  const began = performance.now()
  let seconds = NaN
  for (;;) {
    const { lists, areCurrent } = await look(scene)
    const tallies = {
      tabs: tally(lists.tabs, persisted),
      ours: tally(lists.ours, persisted),
      naive: tally(lists.naive, persisted),
      rewound: tally(lists.rewound, persisted),
    }
    const waited = performance.now() - began
    const isComplete = tallies.tabs.holes + tallies.ours.holes === 0
    if (isComplete && Number.isNaN(seconds)) seconds = waited / 1_000
    if ((isComplete && areCurrent) || waited > PATIENCE_MS) {
      const outcome = { persisted: persisted.length, tallies, seconds }
      const isClean = isComplete && tallies.tabs.repeats + tallies.ours.repeats === 0
      return isClean ? outcome : { ...outcome, evidence: await keepEvidence(scene, persisted) }
    }
    await wait(LOOK_MS)
  }
}

/** Resolves once everybody is connected and caught up. */
export async function untilCurrent(scene: Scene): Promise<void> {
  while (!(await look(scene)).areCurrent) await wait(LOOK_MS)
}

async function look({ tabs, visitors }: Scene): Promise<{ lists: Record<Party, number[][]>; areCurrent: boolean }> {
  const reports = await Promise.all(visitors.map(process => process.report()))
  const lists = {
    tabs: await Promise.all(tabs.map(tab => tab.ids())),
    ours: reports.flatMap(({ ours }) => ours.received),
    naive: reports.flatMap(({ naive }) => naive.received),
    rewound: reports.flatMap(({ rewound }) => rewound.received),
  }
  return { lists, areCurrent: reports.every(report => Object.values(report).every(({ isCurrent }) => isCurrent)) }
}

function tally(lists: readonly number[][], persisted: readonly number[]): Tally {
  let [holes, repeats] = [0, 0]
  for (const list of lists) {
    const times = new Map<number, number>()
    for (const id of list) times.set(id, (times.get(id) ?? 0) + 1)
    for (const id of persisted) {
      const count = times.get(id) ?? 0
      if (count === 0) holes += 1
      else repeats += count - 1
    }
  }
  return { holes, repeats }
}
