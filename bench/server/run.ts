// One contestant against a fresh server: at rest, while messages flow, and after the server was killed.

import { setTimeout as wait } from "node:timers/promises"

import { Cluster } from "../../test/rails/lab/cluster.ts"
import { VisitorProcess } from "../../test/rails/visitors/process.ts"
import { BROWSERS, type Contestant } from "./contestants.ts"
import { askedSoFar, loadOf, since, type Asked } from "./load.ts"

const PROCESSES = 5
const LOOK_MS = 100
/** After this the reconciles that follow each subscription are over. */
const SETTLED_MS = 5_000

/** How long each part is watched, in milliseconds; and messages a second, over all conversations. */
export type Plan = { rest: number; flow: number; rate: number }

export type Result = {
  sockets: number
  /** MiB that Puma holds with all of them connected, more than with none. */
  memory: number
  /** Milliseconds of Puma's processor time in a second at rest. */
  rest: number
  /** Milliseconds of Puma's processor time for a message, from the request that persists it to all of its sockets. */
  message: number
  /** After a kill: milliseconds until everybody is connected and caught up, and of Puma's processor time until then. */
  storm: { time: number; cpu: number; asked: Asked }
  /** Catch-up at rest, and while messages flow; per hour and browser. */
  asked: { rest: Asked; flow: Asked }
}

export async function run({ kind, sockets }: Contestant, plan: Plan): Promise<Result> {
  const cluster = await Cluster.start({ adapter: "redis", nodes: 1, site: "/nonexistent" })
  const [node] = cluster.nodes
  if (!node) throw new Error("A cluster has a node")
  const visitors: VisitorProcess[] = []
  try {
    const conversations = Array.from({ length: BROWSERS }, (_, n) => `browser-${n}`)
    for (const conversation of conversations) await cluster.say(conversation) // and Puma has warmed up
    const empty = loadOf(node.service.pid)
    const each = { ours: 0, naive: 0, rewound: 0, [kind]: sockets }
    for (let n = 0; n < PROCESSES; n++) {
      const own = conversations.filter((_, index) => index % PROCESSES === n)
      visitors.push(VisitorProcess.start({ origin: cluster.origin, conversations: own, each }))
    }
    await untilCurrent(visitors)
    await wait(SETTLED_MS)
    const connected = (await cluster.sockets()).length

    const atRest = await watch(cluster, plan.rest, () => wait(plan.rest))
    const memory = loadOf(node.service.pid).memory - empty.memory
    let messages = 0
    const inFlow = await watch(cluster, plan.flow, async () => {
      messages = await talk(cluster, conversations, plan)
    })

    const before = askedSoFar(cluster.accessLog)
    await node.service.kill("SIGKILL")
    await wait(1_000)
    await node.service.start()
    const booted = { at: performance.now(), cpu: loadOf(node.service.pid).cpu }
    await untilCurrent(visitors)
    const storm = {
      time: performance.now() - booted.at,
      cpu: loadOf(node.service.pid).cpu - booted.cpu,
      asked: since(askedSoFar(cluster.accessLog), before),
    }
    const rest = atRest.cpu / (plan.rest / 1_000)
    const message = (inFlow.cpu - (rest * plan.flow) / 1_000) / messages
    return { sockets: connected, memory, rest, message, storm, asked: { rest: atRest.asked, flow: inFlow.asked } }
  } finally {
    await Promise.all(visitors.map(visitor => visitor.stop()))
    await cluster.stop()
  }
}

async function watch(cluster: Cluster, ms: number, work: () => Promise<void>): Promise<{ cpu: number; asked: Asked }> {
  const pid = cluster.nodes[0]?.service.pid ?? NaN
  const [load, asked] = [loadOf(pid), askedSoFar(cluster.accessLog)]
  await work()
  const perHour = 3_600_000 / ms / BROWSERS
  const { requests, bytes } = since(askedSoFar(cluster.accessLog), asked)
  return { cpu: loadOf(pid).cpu - load.cpu, asked: { requests: requests * perHour, bytes: bytes * perHour } }
}

/** @returns how many messages were said */
async function talk(cluster: Cluster, conversations: readonly string[], { flow, rate }: Plan): Promise<number> {
  const count = Math.round((flow / 1_000) * rate)
  const began = performance.now()
  for (let n = 0; n < count; n++) {
    const conversation = conversations[n % conversations.length] ?? ""
    await cluster.say(conversation)
    await wait(Math.max(0, began + ((n + 1) * 1_000) / rate - performance.now()))
  }
  return count
}

async function untilCurrent(visitors: readonly VisitorProcess[]): Promise<void> {
  for (;;) {
    const reports = await Promise.all(visitors.map(visitor => visitor.report()))
    if (reports.every(report => Object.values(report).every(({ isCurrent }) => isCurrent))) return
    await wait(LOOK_MS)
  }
}
