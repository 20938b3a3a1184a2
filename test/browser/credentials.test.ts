// Tokens expire while several tabs are open.

import { describe, expect, it } from "vitest"

import type { Told } from "./fixture/told.ts"
import { chat, range } from "./lab/chat.ts"
import type { Lab } from "./lab/lab.ts"
import { sample, SHARED_WORKERS } from "./lab/place.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

const TABS = 8

async function openTabs(lab: Lab): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let n = 0; n < TABS; n++) {
    const tab = await lab.open({ ...chat({ after: null }), token: "old" })
    await tab.untilCaughtUp()
    tabs.push(tab)
  }
  return tabs
}

/** Why the tabs were asked for credentials, all together. */
async function asked(tabs: readonly Tab[]): Promise<string[]> {
  const told = (await Promise.all(tabs.map(tab => tab.told()))).flat()
  return told.flatMap(each => (each.type === "asked" ? [each.reason] : [])).toSorted()
}

/** Runs in the page. */
function isOver(told: readonly Told[]): boolean {
  return told.some(each => each.type === "disconnected" && !each.willAttemptReconnect)
}

describe.each(sample(SHARED_WORKERS))("eight tabs with an expired token in %s (case 19)", (_, place) => {
  const lab = useLab(place)

  it("ask for another one once, and cable and catch-up go on with it", async () => {
    const server = await lab.serve()
    const tabs = await openTabs(lab)
    expect(await asked(tabs)).toEqual(["open"])
    await server.control({ refuseSessions: ["old"], unauthorized: 1, drop: true })
    await server.say(3)
    await Promise.all(tabs.map(tab => tab.untilReceived(3)))

    for (const tab of tabs) expect(await tab.ids()).toEqual(range(1, 3))
    expect(await asked(tabs)).toEqual(["open", "open", "unauthorized"])
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 3 })
  })

  it("ask for another one once, if only the endpoint refuses the old one", async () => {
    const server = await lab.serve()
    const tabs = await openTabs(lab)
    await server.control({ refuseSessions: ["old"], drop: true })
    await server.say(3)
    await Promise.all(tabs.map(tab => tab.untilReceived(3)))

    for (const tab of tabs) expect(await tab.ids()).toEqual(range(1, 3))
    expect(await asked(tabs)).toEqual(["open", "open", "unauthorized"])
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })

  it("are told of a second refusal, and nobody tries again", async () => {
    const server = await lab.serve()
    const tabs = await openTabs(lab)
    await server.control({ unauthorized: 100, drop: true })
    await Promise.all(tabs.map(tab => tab.until(isOver)))

    expect(await asked(tabs)).toEqual(["open", "open", "unauthorized"])
    expect(await tabs[0]?.inspect()).toMatchObject({ socket: { state: "refused", reason: "unauthorized" } })
    expect(await server.stats()).toMatchObject({ sockets: 0, opened: 3 })
  })

  it("ask a visible one, and the next one when that one goes without an answer", async () => {
    const server = await lab.serve()
    const tabs = await openTabs(lab)
    const front = tabs.at(-1) as Tab
    await front.evaluate(() => void (window.lab.isThinking = true))
    await server.control({ drop: true })
    const isAsked = (told: readonly Told[], n: number) => told.filter(({ type }) => type === "asked").length === n
    await front.until(isAsked, 1)
    await front.close()
    const others = tabs.slice(0, -1)
    await Promise.all(others.map(tab => tab.untilCaughtUp(2)))

    expect(await asked(others)).toEqual(["open", "open"])
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })
})
