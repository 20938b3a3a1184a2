// What every contestant's page does with its messages: counts them, looks at their order, and tells the server. The same
// work for all.

import type { Message } from "../message.ts"
import type { Word } from "../word.ts"

const query = new URLSearchParams(location.search)

/** Names the run, and with it worker, cable and messages. */
export const room = query.get("room") ?? ""
export const cableUrl = `${location.origin.replace("http", "ws")}/cable?room=${room}`

/** After the end of a flood, messages that are still missing are waited for so long: then they are lost. */
const LOST_AFTER_MS = 2_000

const step = Number(query.get("step"))
const words = new WebSocket(`${location.origin.replace("http", "ws")}/words?room=${room}&tab=${query.get("tab")}`)
const opened = new Promise(resolve => {
  words.onopen = resolve
})

let seen = new Uint8Array(1 << 16)
let count = 0
let disorder = 0
let repeats = 0
let last = 0
let told = 0
/** The last id of the flood before, and of this one once it is known. */
let before = 0
let end: number | null = null
let giveUp: ReturnType<typeof setTimeout> | undefined

export function received(message: Message): void {
  if (isRepeat(message.id)) {
    repeats += 1
    return
  }
  count += 1
  if (message.id > last) last = message.id
  else disorder += 1
  if (last - told >= step) {
    told = last
    say({ type: "progress", at: last })
  }
  if (message.type === "end") end = message.id
  if (end !== null) onEnd()
}

/** This tab would get a message if one were sent now. */
export function ready(): void {
  void opened.then(() => say({ type: "ready" }))
}

function isRepeat(id: number): boolean {
  if (id >= seen.length) {
    const longer = new Uint8Array(2 * id)
    longer.set(seen)
    seen = longer
  }
  if (seen[id] === 1) return true
  seen[id] = 1
  return false
}

function onEnd(): void {
  clearTimeout(giveUp)
  if (end !== null && count === end - before) return report(0)
  const lastAt = performance.now()
  giveUp = setTimeout(() => report(performance.now() - lastAt), LOST_AFTER_MS)
}

function report(late: number): void {
  say({ type: "done", count, disorder, repeats, late })
  before = end ?? before
  end = null
  count = disorder = repeats = 0
}

function say(word: Word): void {
  words.send(JSON.stringify(word))
}
