// What the core costs per frame, beside JSON.parse of the same frames: frames in, log, readers, batches out, taken.

import { machine } from "../machine.ts"
import { messageText } from "../lab/message.ts"
import { spreadOf } from "../spread.ts"
import { threadTime } from "./processor.ts"
import { IDENTIFIER, World } from "./world.ts"

const ROUNDS = 7
const FRAMES = 100_000
/** Frames per task, and what lies between two tasks: 16,000 frames a second. */
const BURST = 64
const BURST_MS = 4
const TABS = [1, 5, 20]

const texts = Array.from({ length: FRAMES }, (_, index) => {
  return messageText(index + 1, { type: "message", at: new Date((index / BURST) * BURST_MS) })
})
const frames = texts.map(text => `{"identifier":${JSON.stringify(IDENTIFIER)},"message":${text}}`)
const messages = texts.map(text => JSON.parse(text) as unknown)
const bursts = Array.from({ length: Math.ceil(FRAMES / BURST) }, (_, n) => frames.slice(n * BURST, (n + 1) * BURST))

/** Each returns microseconds per frame. */
const contestants = new Map<string, () => number>([["JSON.parse", parseAll]])
for (const tabs of TABS) {
  contestants.set(`core, ${tabs} tabs`, () => coreOf(tabs, false))
  contestants.set(`core, ${tabs} tabs, catchUp`, () => coreOf(tabs, true))
}

const times = new Map([...contestants.keys()].map(name => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, measure] of contestants) times.get(name)?.push(measure())
}

const parse = median("JSON.parse")
console.log(`${machine()}\n\nµs per frame: median [least–most], and as a multiple of JSON.parse`)
for (const [name, values] of times) {
  const { median: middle, least, most } = spreadOf(values)
  const figures = `${middle.toFixed(2)} [${least.toFixed(2)}–${most.toFixed(2)}]`
  console.log(`${name.padEnd(24)}${figures.padStart(20)}${(middle / parse).toFixed(2).padStart(8)}`)
}
for (const kind of ["", ", catchUp"]) {
  const slope = (median(`core, 20 tabs${kind}`) - median(`core, 1 tabs${kind}`)) / 19
  console.log(`each further tab${kind}: ${slope.toFixed(3)} µs per frame`)
}

function parseAll(): number {
  let read = 0
  const began = threadTime()
  for (const frame of frames) if (JSON.parse(frame) !== null) read += 1
  return ((threadTime() - began) * 1_000) / read
}

function coreOf(tabs: number, catchesUp: boolean): number {
  const world = new World(messages, tabs, catchesUp)
  const began = threadTime()
  for (const burst of bursts) world.burst(burst, BURST_MS)
  return ((threadTime() - began) * 1_000) / FRAMES
}

function median(name: string): number {
  return spreadOf(times.get(name) ?? []).median
}
