// People log in and out, in some tabs and not in others.

import { describe, expect, it } from "vitest"

import { chat, range } from "./lab/chat.ts"
import { SHARED_WORKERS } from "./lab/place.ts"
import { storedRows } from "./lab/rows.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

const ANN = chat({ after: null, consumer: { identity: "ann" } })
const BOB = chat({ after: null, conversation: "c2", consumer: { identity: "bob" } })

describe.each(SHARED_WORKERS)("identities in %s", (_, place) => {
  const lab = useLab(place)

  it("have a cable each, and nothing of one reaches a tab of the other", async () => {
    const server = await lab.serve()
    const [ann, bob] = [await lab.open(ANN), await lab.open(BOB)]
    await Promise.all([ann.untilCaughtUp(), bob.untilCaughtUp()])
    await server.say(2, { conversation: "c1" })
    await server.say(2, { conversation: "c2" })
    await Promise.all([ann.untilReceived(2), bob.untilReceived(4)])

    expect(await ann.ids()).toEqual([1, 2])
    expect(await bob.ids()).toEqual([3, 4])
    expect(await server.stats()).toMatchObject({ sockets: 2, opened: 2 })
    for (const tab of [ann, bob])
      expect(await tab.inspect()).toMatchObject({ tabs: { length: 1 }, streams: { length: 1 } })
  })

  it("change in one tab while another stays: log-out reaches both, log-in only the one (case 11)", async () => {
    const server = await lab.serve()
    const [stays, changes] = await lab.openAll(2, ANN)
    await server.say(3)
    await Promise.all([stays.untilReceived(3), changes.untilReceived(3)])
    await changes.evaluate(() => window.lab.consumer.forget())
    await Promise.all([stays.until(isOver), changes.until(isOver)])
    await server.until(({ sockets }) => sockets === 0)
    expect(await storedRows(stays)).toEqual([])

    await changes.subscribe(BOB)
    await changes.untilCaughtUp(2)
    await server.say(2, { conversation: "c1" })
    await server.say(2, { conversation: "c2" })
    await changes.untilReceived(7)
    expect(await changes.ids()).toEqual([...range(1, 3), 6, 7])
    expect(await stays.ids()).toEqual(range(1, 3))
    expect(await changes.inspect()).toMatchObject({ tabs: { length: 1 }, streams: { length: 1 } })
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
    expect(await refusal(stays)).toBe("forgotten")
  })

  it("come back with a consumer of their own after log-out, in the same page too", async () => {
    const server = await lab.serve()
    const [tab] = await lab.openAll(1, ANN)
    await tab.evaluate(() => window.lab.consumer.forget())
    await tab.until(isOver)
    await tab.subscribe(ANN)
    await tab.untilCaughtUp(2)
    await server.say(1)
    await tab.untilReceived(1)
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })

  it.each(["while its worker lives", "when its worker is gone too"])(
    "that have logged out stay so for a page that comes back from the cache, %s (case 33)",
    async when => {
      const server = await lab.serve()
      const [cached, other] = await lab.openAll(2, ANN)
      await cached.page.goto(`${server.origin}/index.html?elsewhere`)
      await other.evaluate(() => window.lab.consumer.forget())
      await other.until(isOver)
      if (when.includes("gone")) await other.close()
      await server.until(({ sockets }) => sockets === 0)
      await cached.page.goBack()

      const isCached = (await cached.told()).some(told => told.type === "pageshow" && told.persisted)
      expect(isCached).toBe(place.engine === "chromium") // Firefox loads it anew: it is a page that was born since
      if (!isCached) return
      await cached.until(isOver)
      expect(await refusal(cached)).toBe("forgotten")
      expect(await server.stats()).toMatchObject({ sockets: 0, opened: 1 })
    },
  )
})

/** Only Chromium keeps pages that have used a lock. */
describe.each(["leader-tab", "page"] as const)("an identity in chromium with %s", host => {
  const lab = useLab({ engine: "chromium", host })

  it("that has logged out stays so for a page that comes back from the cache (case 33)", async () => {
    const server = await lab.serve()
    const [other, cached] = await lab.openAll(2, ANN) // a leader that leaves may lose its place in the cache
    await cached.page.goto(`${server.origin}/index.html?elsewhere`)
    await other.evaluate(() => window.lab.consumer.forget())
    await other.until(isOver)
    await other.close()
    await server.until(({ sockets }) => sockets === 0)
    const { opened } = await server.stats()
    await cached.page.goBack()
    await cached.until(isOver)

    expect((await cached.told()).findLast(({ type }) => type === "pageshow")).toMatchObject({ persisted: true })
    expect(await refusal(cached)).toBe("forgotten")
    expect(await server.stats()).toMatchObject({ sockets: 0, opened })
  })
})

/** Runs in the page. */
function isOver(told: readonly { type: string; willAttemptReconnect?: boolean }[]): boolean {
  return told.some(each => each.type === "disconnected" && each.willAttemptReconnect === false)
}

/** What the page's consumer answers when it is asked for anything. */
function refusal(tab: Tab): Promise<string> {
  return tab.evaluate(() =>
    window.lab.consumer.inspect().then(
      () => "nothing",
      (error: { code: string }) => error.code,
    ),
  )
}
