// Builds of several versions, side by side in the tabs of one browser (case 9).

import { beforeAll, describe, expect, it } from "vitest"

import { BRIDGE_VERSION } from "../../shared/bridge.ts"
import type { Told } from "./fixture/told.ts"
import { chat, range } from "./lab/chat.ts"
import { sample, SHARED_WORKERS } from "./lab/place.ts"
import { useLab } from "./lab/use-lab.ts"

const HIGHER = "9.0.0"
const LOWER = "0.0.1"

describe.each(sample(SHARED_WORKERS))("after a deploy in %s", (_, place) => {
  const lab = useLab(place)

  beforeAll(async () => {
    await lab.addBuild("higher", { version: HIGHER })
    await lab.addBuild("lower", { version: LOWER })
    await lab.addBuild("bridge", { version: HIGHER, bridge: BRIDGE_VERSION + 1 })
  })

  it("a strictly higher version takes the cable over, and nobody misses anything", async () => {
    const server = await lab.serve()
    const old = await lab.openAll(2, chat({ after: null }))
    const hush = server.chatter(20)
    await old[0].untilReceived(5)
    const next = await lab.open(chat({ after: null }), "higher")
    await next.untilCaughtUp()
    await Promise.all(old.map(tab => tab.untilCaughtUp(2)))
    const ids = [...(await hush()), ...(await server.say(3))]
    const tabs = [...old, next]
    await Promise.all(tabs.map(tab => tab.untilReceived(Math.max(...ids))))

    for (const tab of tabs) expect(await tab.ids()).toEqual(ids)
    for (const tab of tabs) expect(await tab.inspect()).toMatchObject({ build: expect.stringContaining(HIGHER) })
    expect(await next.inspect()).toMatchObject({ tabs: { length: 3 }, state: "active" })
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })

  it("a lower version joins the hub that is there: the cable stays", async () => {
    const server = await lab.serve()
    const [own] = await lab.openAll(1, chat({ after: null }))
    const lower = await lab.open(chat({ after: null }), "lower")
    await lower.untilCaughtUp()
    await server.say(3)
    await Promise.all([own.untilReceived(3), lower.untilReceived(3)])

    const { build } = await own.inspect()
    expect(build).not.toContain(LOWER)
    expect(await lower.inspect()).toMatchObject({ build, tabs: { length: 2 } })
    for (const tab of [own, lower]) expect(await tab.ids()).toEqual(range(1, 3))
    expect((await own.told()).filter(({ type }) => type === "disconnected")).toEqual([])
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 1 })
  })

  it("an equal version does too, and takes over when the first one goes", async () => {
    const server = await lab.serve()
    const first = await lab.open(chat({ after: null }), "higher")
    await first.untilCaughtUp()
    const second = await lab.open(
      chat({ after: null, consumer: { worker: "/builds/higher/worker.js?again" } }),
      "higher",
    )
    await second.untilCaughtUp()
    await server.say(3)
    await second.untilReceived(3)
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 1 })
    await first.close()
    await second.untilCaughtUp(2)
    await server.say(3)
    await second.untilReceived(6)

    expect(await second.ids()).toEqual(range(1, 6))
    expect(await second.inspect()).toMatchObject({ tabs: { length: 1 } })
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })

  it("another bridge version has a cable of its own; they share the rows, and a log-out ends both", async () => {
    const server = await lab.serve()
    const [own] = await lab.openAll(1, chat({ after: null }))
    const other = await lab.open(chat({ after: null }), "bridge")
    await other.untilCaughtUp()
    await server.say(3)
    await Promise.all([own.untilReceived(3), other.untilReceived(3)])
    for (const tab of [own, other]) {
      expect(await tab.ids()).toEqual(range(1, 3))
      expect(await tab.inspect()).toMatchObject({ tabs: { length: 1 }, storage: "indexeddb" })
    }
    expect(await server.stats()).toMatchObject({ sockets: 2, opened: 2 })

    await own.evaluate(() => window.lab.consumer.forget())
    await Promise.all([own.until(isOver), other.until(isOver)])
    await server.until(({ sockets }) => sockets === 0)
  })
})

/** Runs in the page. */
function isOver(told: readonly Told[]): boolean {
  return told.some(each => each.type === "disconnected" && !each.willAttemptReconnect)
}
