// The broker goes away. Every process of Rails 6.1 that listens to it dies of that; whoever supervises them starts them again.

import { describe, expect, it } from "vitest"

import type { Adapter } from "./lab/puma.ts"
import { chatPage, newConversation, useBrowser, useCluster } from "./lab/lab.ts"
import { shown } from "../browser/lab/shown.ts"

describe.each(["redis", "postgresql"] satisfies Adapter[])("without its broker, Rails on %s", adapter => {
  const site = useCluster({ adapter, nodes: 2 })
  const lab = useBrowser("chromium", site)

  it("loses the processes that listen to it, and no tab misses what was persisted before and after", async () => {
    const { cluster } = site
    const conversation = newConversation()
    const tabs = await lab.openAll(3, chatPage(conversation, null))
    const before = await cluster.say(conversation, 3)
    for (const tab of tabs) for (const id of before) await tab.untilReceived(id)

    const serving = await cluster.serving(conversation)
    const listening = await cluster.listening()
    if (adapter === "redis") await cluster.redis.kill()
    else await cluster.deafen()
    await Promise.all(listening.map(({ service }) => service.ended()))
    await cluster.revive()
    expect(serving).toHaveLength(1)
    expect(listening).toEqual(expect.arrayContaining(serving))
    const after = await cluster.say(conversation, 3)
    for (const tab of tabs) {
      for (const id of after) await tab.untilReceived(id)
      expect(shown(await tab.received())).toEqual([...before, ...after])
    }
  })

  it("may leave sockets open that get pings and no messages, and yet no tab misses one", async () => {
    const { cluster } = site
    const conversation = newConversation()
    const tabs = await lab.openAll(2, chatPage(conversation, null, { reconcileEvery: 1_000 }))
    for (const node of cluster.nodes) await cluster.fault("detach", {}, node)
    const ids = await cluster.say(conversation, 3)
    for (const tab of tabs) {
      for (const id of ids) await tab.untilReceived(id)
      expect(await tab.ids()).toEqual(ids)
      expect((await tab.received()).at(-1)).toMatchObject({ delivery: { source: "catch-up" } })
    }
    expect(await tabs[0].inspect()).toMatchObject({ socket: { state: "live", opened: 1 } })
  })
})
