// The ways in which Rails ends a connection, or does not begin one.

import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"

import { afterEach, describe, expect, it } from "vitest"

import { ENGINES } from "../browser/lab/browser.ts"
import type { Tab } from "../browser/lab/tab.ts"
import { chat, chatPage, newConversation, pageOf, useBrowser, useCluster } from "./lab/lab.ts"
import { shown } from "../browser/lab/shown.ts"

const site = useCluster({ adapter: "redis", nodes: 2 })

describe.each(ENGINES)("Rails' cable in %s", engine => {
  const lab = useBrowser(engine, site)
  afterEach(() => site.cluster.revive())

  it.each(["SIGKILL", "SIGTERM"] as const)(
    "a node that ends by %s costs three tabs one new socket, to the other node, and no message",
    async signal => {
      const conversation = newConversation()
      const tabs = await lab.openAll(3, chatPage(conversation, null))
      const [node, ...others] = await site.cluster.serving(conversation)
      expect(others).toEqual([])
      const before = await site.cluster.say(conversation, 3)
      await node?.service.kill(signal)
      const meanwhile = await site.cluster.say(conversation, 3)
      for (const tab of tabs) await tab.untilCaughtUp(2)
      const after = await site.cluster.say(conversation, 3)
      await untilReceived(tabs, after)

      for (const tab of tabs) expect(shown(await tab.received())).toEqual([...before, ...meanwhile, ...after])
      expect(await site.cluster.serving(conversation)).toEqual(site.cluster.nodes.filter(each => each !== node))
      expect(await tabs[0].inspect()).toMatchObject({ socket: { opened: 2 } })
    },
  )

  it.each([
    ["kicked, which in Rails 6.1 is a bare close", "kick"],
    ["told of a restart, which @rails/actioncable believes after six seconds of silence", "restart"],
  ])("tabs that are %s are back with what they missed", async (_, fault) => {
    const conversation = newConversation()
    // Who is back before the restart is over has a socket that hears nothing more.
    const tabs = await lab.openAll(2, chatPage(conversation, null, { reconcileEvery: 1_000 }))
    const [node] = await site.cluster.serving(conversation)
    await site.cluster.fault(fault, { visitor: "anonymous" }, node)
    const ids = await site.cluster.say(conversation, 3)
    for (const tab of tabs) await tab.untilCaughtUp(2)
    await untilReceived(tabs, ids)

    for (const tab of tabs) {
      expect(shown(await tab.received())).toEqual(ids)
      expect((await tab.told()).filter(({ type }) => type === "disconnected")).toMatchObject([
        { willAttemptReconnect: true },
      ])
    }
    const { socket } = await tabs[0].inspect()
    expect(socket.state).toBe("live")
    expect([2, 3]).toContain(socket.opened) // and who asked for the subscription during the restart was cut off again
  })

  it("a refused Origin, which to a browser is like any failure, is asked again with patience until it is allowed", async () => {
    const conversation = newConversation()
    const origin = site.cluster.origin.replace("127.0.0.1", "localhost")
    const refusals = () => cableRequests().filter(line => line.startsWith("404")).length
    const before = refusals()
    const began = Date.now()
    const tab = await lab.open(chatPage(conversation, null), origin)
    await tab.until(told => told.length > 0)
    const ids = await site.cluster.say(conversation, 2)
    while (refusals() < before + 4) await wait(50) // the log has to be read
    const took = Date.now() - began
    await site.cluster.allow(origin)
    await untilReceived([tab], ids)
    await site.cluster.allow(site.cluster.origin)

    expect(took).toBeGreaterThan(500)
    expect(await tab.ids()).toEqual(ids)
  })

  it("a page of one visitor with the cookies of another is rejected, told so, and does not try again", async () => {
    const conversation = newConversation()
    const subscriptions = { chat: chat(conversation, null) }
    // The identity is this conversation's; to Rails, without a cookie, everybody is "anonymous".
    const tab = await lab.open(pageOf(conversation, subscriptions, { identityParam: "for" }))
    await tab.until(told => told.some(({ type }) => type === "disconnected"))
    expect((await tab.told()).at(-1)).toMatchObject({ willAttemptReconnect: false })
    expect(await tab.inspect()).toMatchObject({ socket: { state: "refused", reason: "unauthorized", opened: 0 } })
    const digest = createHash("sha256").update(conversation).digest("hex")
    const requests = () => cableRequests().filter(line => line.includes(digest))
    while (requests().length === 0) await wait(50) // the log has to be read
    await wait(1_000) // nothing is to happen
    expect(requests()).toHaveLength(1)
  })

  it("a page of the visitor whose cookies it has is let in, to the cable and to what it missed", async () => {
    const conversation = newConversation()
    const ids = await site.cluster.say(conversation, 2)
    const page = pageOf("anonymous", { chat: chat(conversation, null) }, { identityParam: "for" })
    const tab = await lab.open(page)
    await tab.untilCaughtUp()

    expect(await tab.ids()).toEqual(ids)
    expect(await tab.inspect()).toMatchObject({ socket: { state: "live" } })
  })
})

async function untilReceived(tabs: readonly Tab[], ids: readonly number[]): Promise<void> {
  await Promise.all(tabs.flatMap(tab => ids.map(id => tab.untilReceived(id))))
}

/** Of upgrades that ended. */
function cableRequests(): string[] {
  return readFileSync(site.cluster.accessLog, "utf8")
    .split("\n")
    .filter(line => line.includes("GET /cable"))
}
