// Hubs killed one after the other while messages flow to four tabs; those that die with a hub are replaced.

import type { Lab } from "./lab.ts"
import { chat } from "./chat.ts"
import type { Tab } from "./tab.ts"

const TABS = 4
/** 50 messages a second. */
const MESSAGE_EVERY_MS = 20

/** A tab, and the newest message there was when its page was rendered: all that came later is for it to receive. */
type Reader = { tab: Tab; rendered: number }

/** Milliseconds from a kill to the first message by the next hub: one for each kill and surviving tab. */
export type Recoveries = readonly number[]

/** @throws if a tab that lived to the end was not given every message since its page was rendered, once */
export async function killHubs(lab: Lab, kills: number): Promise<Recoveries> {
  const server = await lab.serve()
  const [first = 0] = await server.say(1)
  const hush = server.chatter(MESSAGE_EVERY_MS)
  const recoveries: number[] = []
  let readers = await openReaders(lab, TABS, first)
  for (let kill = 1; kill <= kills; kill++) {
    const before = await Promise.all(readers.map(({ tab }) => tab.evaluate(() => window.lab.told.length)))
    const killedAt = await lab.killHub()
    const times = await Promise.all(readers.map(({ tab }, n) => recovery(tab, before[n] ?? 0)))
    const survivors = readers.filter((_, n) => times[n] !== null)
    for (const at of times) if (at !== null) recoveries.push(at - killedAt)
    const ids = await Promise.all(survivors.map(({ tab }) => tab.ids()))
    const newest = Math.max(first, ...ids.map(each => each.at(-1) ?? 0))
    readers = [...survivors, ...(await openReaders(lab, TABS - survivors.length, newest))]
  }
  const last = Math.max(...(await hush()))
  await Promise.all(readers.map(({ tab }) => tab.untilReceived(last)))
  for (const reader of readers) await expectEachOnce(reader, last)
  return recoveries
}

async function openReaders(lab: Lab, count: number, rendered: number): Promise<Reader[]> {
  const readers: Reader[] = []
  for (let n = 0; n < count; n++) {
    const tab = await lab.open(chat({ after: rendered }))
    await tab.untilCaughtUp()
    readers.push({ tab, rendered })
  }
  return readers
}

/** @returns when the tab was first given something by the next hub; `null` if it died with the last one */
async function recovery(tab: Tab, before: number): Promise<number | null> {
  const recovered = tab.until((told, before) => {
    const lost = told.findIndex(({ type }, n) => n >= before && type === "disconnected")
    return lost >= 0 && told.slice(lost).some(({ type }) => type === "received")
  }, before)
  try {
    await Promise.race([recovered, tab.crashed])
    if (!(await tab.isAlive())) return null
  } catch (error) {
    if (await tab.isAlive()) throw error
    return null
  }
  return tab.evaluate(before => {
    const { told } = window.lab
    const lost = told.findIndex(({ type }, n) => n >= before && type === "disconnected")
    const given = told.slice(lost).find(each => each.type === "received")
    return given?.type === "received" ? given.at : NaN
  }, before)
}

async function expectEachOnce({ tab, rendered }: Reader, last: number): Promise<void> {
  const ids = await tab.ids()
  const given = new Set(ids)
  const repeated = ids.length - given.size
  const missing = Array.from({ length: last - rendered }, (_, n) => rendered + 1 + n).filter(id => !given.has(id))
  if (repeated > 0 || missing.length > 0) {
    throw new Error(
      `${repeated} repeated, ${missing.length} missing: ${missing.slice(0, 20).join(" ")}\n${await tab.describe()}`,
    )
  }
}
