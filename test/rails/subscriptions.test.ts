// What Rails does to commands: it confirms before it listens, runs one socket's commands in any order, goes on sending after
// an unsubscribe, and to some commands gives no answer at all.

import { setTimeout as wait } from "node:timers/promises"

import { describe, expect, it } from "vitest"

import { ENGINES } from "../browser/lab/browser.ts"
import { chat, chatPage, newConversation, pageOf, useBrowser, useCluster, type Wanted } from "./lab/lab.ts"

/** One process, so that all sockets share its one listener. */
const site = useCluster({ adapter: "postgresql", nodes: 1 })

/** The second is the one that Rails confirms before it listens, in most rounds. */
const MANY_ROUNDS = 20
const ROUNDS = 5
const PATIENCE_MS = 15_000

describe.each(ENGINES)("Rails' subscriptions in %s", engine => {
  const lab = useBrowser(engine, site)

  it("a message sent right after a confirmation that came before the server listened is given all the same", async () => {
    let missedLive = 0
    for (let round = 0; round < MANY_ROUNDS && missedLive === 0; round++) {
      const conversation = newConversation()
      const wanted = { chat: chat(conversation, null) }
      const pages = [1, 2].map(n => pageOf(`${conversation}-${n}`, wanted)) // a socket each
      const tabs = await Promise.all(pages.map(page => lab.open(page)))
      await Promise.race(tabs.map(tab => tab.until(told => told.some(({ type }) => type === "connected"))))
      const [id = 0] = await site.cluster.say(conversation)
      for (const tab of tabs) {
        await tab.untilReceived(id)
        const received = await tab.received()
        expect(received.map(({ message }) => message.id)).toEqual([id])
        if (received[0]?.delivery.source === "catch-up") missedLive += 1
        await tab.close()
      }
    }
    expect(missedLive).toBeGreaterThan(0) // else this test provokes nothing
  })

  it("a message that comes before the confirmation is given once, in its place", async () => {
    const conversation = newConversation()
    const [first, ...others] = await site.cluster.say(conversation, 3)
    const { channel, options } = chat(conversation, first)
    const eager = { channel: { ...channel, channel: "EagerChannel" }, options } // it sends the newest
    const tab = await lab.open(pageOf(conversation, { chat: eager }))
    await tab.untilCaughtUp()
    const [next = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(next)

    expect(await tab.ids()).toEqual([...others, next])
  })

  it("five quick changes of mind end in what was wanted last, and nothing else is left on the server", async () => {
    const conversation = newConversation()
    const tab = await lab.open(pageOf(conversation, { 0: chat(`${conversation}-0`, null) }, { linger: 0 }))
    await tab.untilCaughtUp(1, "0")
    const others = [1, 2, 3, 4, 5].map(n => chat(`${conversation}-${n}`, null))
    await tab.evaluate(others => {
      for (const [n, { channel, options }] of others.entries()) {
        window.lab.subscription(String(n)).unsubscribe()
        window.lab.subscribe(String(n + 1), channel, options)
      }
    }, others)
    await untilServed([`${conversation}-5`], conversation)
    const [id = 0] = await site.cluster.say(`${conversation}-5`)
    await tab.untilReceived(id, "5")

    expect(await served(conversation)).toEqual([`${conversation}-5`])
  })

  it("leaving and coming back at once, again and again, misses nothing and repeats nothing", async () => {
    const conversation = newConversation()
    const page = pageOf(conversation, { chat: chat(conversation, null) }, { linger: 0 })
    const [tab] = await lab.openAll(1, page)
    const [id = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(id)
    const ids = [id]
    for (let n = 0; n < ROUNDS; n++) {
      const { channel, options } = chat(conversation, ids.at(-1))
      const leaving = tab.evaluate(
        (channel, options) => {
          window.lab.subscription("chat").unsubscribe()
          window.lab.subscribe("chat", channel, options)
        },
        channel,
        options,
      )
      const [[id = 0]] = await Promise.all([site.cluster.say(conversation), leaving])
      await tab.untilReceived(id)
      ids.push(id)
    }

    expect(await tab.ids()).toEqual(ids)
  })

  it("200 performs arrive, each once, in whatever order Rails runs them", async () => {
    const conversation = newConversation()
    const tabs = await lab.openAll(2, chatPage(conversation, null))
    await tabs[0].evaluate(() => {
      for (let n = 0; n < 200; n++) window.lab.subscription("chat").perform("typing", { n })
    })
    for (const tab of tabs) {
      await tab.until(told => told.filter(({ type }) => type === "received").length >= 200)
      const heard = (await tab.received()).map(({ message }) => (message as unknown as { n: number }).n)
      expect(heard.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n))
    }
  })

  it("nothing is given after unsubscribe, although Rails goes on sending", async () => {
    const conversation = newConversation()
    const page = pageOf(conversation, { chat: chat(conversation, null) }, { linger: 0 })
    const [tab] = await lab.openAll(1, page)
    const burst = site.cluster.fault<number[]>("burst", { conversation, count: 200 })
    await tab.until(told => told.some(({ type }) => type === "received"))
    const count = await tab.evaluate(() => {
      window.lab.subscription("chat").unsubscribe()
      return window.lab.told.length
    })
    await burst
    await untilServed([], conversation)
    await site.cluster.say(conversation)

    expect(await tab.told()).toHaveLength(count)
  })

  it("an exception in `subscribed`, of which Rails says nothing, is cured by asking again", async () => {
    const conversation = newConversation()
    const tab = await lab.open(pageOf(conversation, { chat: faulty(conversation) }))
    await tab.untilCaughtUp()
    const [id = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(id)
    await tab.evaluate(() => window.lab.subscription("chat").perform("typing")) // which no catch-up returns
    await tab.until(told => told.filter(({ type }) => type === "received").length >= 2)

    expect(await tab.received()).toMatchObject([{ message: { id } }, { message: { type: "typing" } }])
    expect(await tab.inspect()).toMatchObject({ socket: { opened: 1 } })
  })

  it("an unknown channel, an unknown action and an exception in an action harm nobody else on the socket", async () => {
    const conversation = newConversation()
    const unknown = { channel: { channel: "NoSuchChannel", conversation } }
    const wanted = { chat: chat(conversation, null), faulty: faulty(conversation), unknown }
    const tab = await lab.open(pageOf(conversation, wanted))
    await tab.untilCaughtUp(1, "chat")
    await tab.untilCaughtUp(1, "faulty") // so there was an exception, and time for the unknown one to be asked again
    await tab.evaluate(() => {
      window.lab.subscription("faulty").perform("explode")
      window.lab.subscription("chat").perform("no_such_action")
      window.lab.subscription("chat").perform("typing", { n: 1 })
    })
    await tab.until(told => told.some(each => each.type === "received" && each.of === "chat"))
    const [id = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(id)

    expect(await tab.inspect()).toMatchObject({ socket: { state: "live", opened: 1 } })
    expect((await tab.told()).filter(each => "of" in each && each.of === "unknown")).toEqual([])
  })

  it("a bad session is rejected in every tab", async () => {
    const conversation = newConversation()
    const channel = { channel: "WebchatChannel", session: "nobody's", conversation }
    const page = pageOf(conversation, { chat: { channel } })
    for (const tab of [await lab.open(page), await lab.open(page)]) {
      await tab.until(told => told.some(({ type }) => type === "rejected"))
      expect((await tab.told()).filter(told => "of" in told)).toHaveLength(1)
    }
  })
})

/** A channel that raises in its first `subscribed`. */
function faulty(conversation: string): Wanted {
  const { channel, options } = chat(conversation, null)
  return { channel: { ...channel, channel: "FaultyChannel", nonce: conversation }, options }
}

/** The conversations whose names begin so that the server streams to anybody. */
async function served(beginning: string): Promise<string[]> {
  const identifiers = (await site.cluster.sockets()).flatMap(({ identifiers }) => identifiers)
  const conversations = identifiers.map(text => (JSON.parse(text) as { conversation: string }).conversation)
  return conversations.filter(conversation => conversation.startsWith(beginning)).toSorted()
}

/** Waits until these are all; the server has to be asked. */
async function untilServed(conversations: readonly string[], beginning: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while ((await served(beginning)).join() !== conversations.join()) {
    if (Date.now() > end) throw new Error(`The server still streams ${(await served(beginning)).join()}`)
    await wait(25)
  }
}
