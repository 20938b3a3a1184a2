// Whether a hub grows with what passes through it: its heap between message 100,000 and 1,000,000, one tab of several
// frozen; and what a stream and a subscription cost. The core alone, in Node, which needs twice of Chromium per pointer.

import { messageText } from "../lab/message.ts"
import { machine } from "../machine.ts"
import { spreadOf } from "../spread.ts"
import { IDENTIFIER, World, type Messages } from "./world.ts"

const MESSAGES = 1_000_000
const STEP = 100_000
/** Per step. Generations of ids fill up and are dropped: one instant says as little as the height of one wave. */
const SAMPLES = 16
const BURST = 64
const BURST_MS = 4
const TABS = 5
const SUBSCRIPTIONS = 10_000
/** Of the heap in the first step that counts. */
const ALLOWANCE = 0.05

const { gc } = globalThis
if (!gc) throw new Error("Run it with `node --expose-gc`, as `npm run bench:heap` does.")

const head = `{"identifier":${JSON.stringify(IDENTIFIER)},"message":`
const textOf = (index: number) => messageText(index + 1, { type: "message", at: new Date((index / BURST) * BURST_MS) })
/** Made when asked for: a list of a million would be all that one sees. */
const endpoint: Messages = {
  slice: (from = 0, to = 0) => Array.from({ length: to - from }, (_, n) => JSON.parse(textOf(from + n)) as unknown),
}

console.log(machine())
const bare = heap()
const world = new World(endpoint, TABS, true, 1)
const figures: number[] = []
/** The first step fills the log. */
flood(0)
for (let sent = STEP; sent < MESSAGES; sent += STEP) {
  const { median, least, most } = spreadOf(flood(sent))
  figures.push(median)
  const { log, known } = world.stream
  console.log(
    `to message ${sent + STEP}: ${kib(median)} [${kib(least)}–${kib(most)}]; log ${log.entries} messages, ${kib(log.bytes)}; ids ${JSON.stringify(known)}`,
  )
}
const [first = NaN] = figures
const growth = Math.max(...figures.map(figure => Math.abs(figure - first))) / first
console.log(`most that a median differs from the first: ${(100 * growth).toFixed(1)} %`)

const before = heap()
const crowd = new World(endpoint, SUBSCRIPTIONS, true)
console.log(`a subscription, and its tab: ${Math.round((heap() - before) / SUBSCRIPTIONS)} bytes`)
if (crowd.stream.subscriptions !== SUBSCRIPTIONS || !(growth <= ALLOWANCE)) process.exitCode = 1

/** @returns the heap, now and then */
function flood(from: number): number[] {
  const samples: number[] = []
  for (let sent = from; sent < from + STEP; sent += BURST) {
    const burst = Array.from({ length: BURST }, (_, n) => `${head}${textOf(sent + n)}}`)
    world.burst(burst, BURST_MS)
    if (sent - from >= (samples.length * STEP) / SAMPLES) samples.push(heap() - bare)
  }
  return samples
}

function heap(): number {
  gc?.()
  gc?.()
  return process.memoryUsage().heapUsed
}

function kib(bytes = NaN): string {
  return `${Math.round(bytes / 1_024)} KiB`
}
