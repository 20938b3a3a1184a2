// Tabs, workers and processes come and go.

import { describe, expect, it } from "vitest"

import { chat, range } from "./lab/chat.ts"
import { expectGiven, untilGiven } from "./lab/given.ts"
import { PLACES } from "./lab/place.ts"
import { untilStored } from "./lab/rows.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(PLACES)("while messages flow in %s", (_, place) => {
  const lab = useLab(place)

  it("the tab in which the hub began closes, and the others miss nothing", async () => {
    const server = await lab.serve()
    const [first, ...others] = await lab.openAll(3, chat({ after: null }))
    const hush = server.chatter(10)
    await others[1].untilReceived(10)
    await first.close()
    await others[0].untilReceived(40)
    const ids = await hush()

    for (const tab of others) await expectAll(tab, ids)
    expect(await server.stats()).toMatchObject({ sockets: 1 })
  })

  it("a tab reloads, and neither it nor the others miss anything", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    const hush = server.chatter(10)
    await tabs[2].untilReceived(10)
    await tabs[1].reload()
    await tabs[2].untilReceived(40)
    const ids = await hush()

    for (const tab of tabs) await expectAll(tab, ids)
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 1 })
  })

  it("the hub is killed, and the tabs that survive miss nothing and need no reload", async () => {
    const server = await lab.serve()
    const [, ...survivors] = await lab.openAll(3, chat({ after: null }))
    const before = await survivors[0].inspect()
    const hush = server.chatter(10)
    await survivors[1].untilReceived(10)
    await lab.killHub()
    await Promise.all(survivors.map(tab => tab.untilCaughtUp(2)))
    const ids = [...(await hush()), ...(await server.say(1))]

    for (const tab of survivors) {
      await expectAll(tab, ids)
      expect((await tab.told()).filter(({ type }) => type === "error")).toEqual([])
    }
    const after = await survivors[0].inspect()
    expect(after).toMatchObject({ host: place.host, state: "active", tabs: { length: 2 } })
    expect(after.epoch).toBeGreaterThan(before.epoch)
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })
})

describe.each(PLACES)("a browser that comes back in %s", (_, place) => {
  const lab = useLab(place)

  it("gets exactly what it missed while it had no tab, from where it left off", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    const first = await server.say(5)
    await Promise.all(tabs.map(tab => untilGiven(tab, first)))
    await untilStored(tabs[0], 5)
    await Promise.all(tabs.map(tab => tab.close()))
    await server.until(({ sockets }) => sockets === 0)
    await server.say(3)
    await server.say(4, { broadcast: false })

    const tab = await lab.open(chat({ after: "cursor", limit: 3 }))
    await tab.untilCaughtUp()
    expect(await tab.ids()).toEqual(range(6, 12))
    expect((await tab.told()).at(-1)).toMatchObject({ type: "caughtUp", outcome: "recovered", count: 7 })
  })

  it("goes back to a page, which gets what it missed meanwhile", async () => {
    const server = await lab.serve()
    const [tab, other] = await lab.openAll(2, chat({ after: null }))
    await untilGiven(tab, await server.say(3))
    // Chromium throws a page out of its cache that left amid a transaction for which the next leader's has to wait.
    await untilStored(other, 3)
    await tab.page.goto(`${server.origin}/index.html?elsewhere`)
    await untilGiven(other, await server.say(3))
    expect((await other.inspect()).tabs).toHaveLength(1)
    await tab.page.goBack()
    await tab.untilReceived(6)

    // Firefox keeps no page that has used a SharedWorker or a lock: there it is loaded anew.
    const shown = (await tab.told()).filter(({ type }) => type === "pageshow")
    expect(shown.at(-1)).toMatchObject({ persisted: place.engine === "chromium" })
    await expectGiven(tab, range(1, 6))
    await expectGiven(other, range(1, 6))
    // The page that left was the leader: its cable went with it.
    const opened = place.host === "leader-tab" ? 2 : 1
    expect(await server.stats()).toMatchObject({ sockets: 1, opened })
  })
})

/** Each once, in order, in one life of the page. */
async function expectAll(tab: Tab, ids: readonly number[]): Promise<void> {
  await expectGiven(tab, ids)
  expect((await tab.told()).filter(({ type }) => type === "pageshow")).toHaveLength(1)
}
