// What Rails on PostgreSQL does to messages between the row and the socket: it reorders them, commits them late, and does not
// send all of them.

import { describe, expect, it } from "vitest"

import { ENGINES } from "../browser/lab/browser.ts"
import { post } from "./lab/cluster.ts"
import { chatPage, newConversation, pageOf, useBrowser, useCluster } from "./lab/lab.ts"
import { shown } from "../browser/lab/shown.ts"

/** Of the comments' endpoints: a comment's id, or the newest event's. */
type Answer = { id?: number; cursor?: number }

/** Often enough that a test need not wait for the default minute. */
const OFTEN = { reconcileEvery: 1_000 }

const site = useCluster({ adapter: "postgresql", nodes: 1 })

describe.each(ENGINES)("Rails' messages in %s", engine => {
  const lab = useBrowser(engine, site)

  it("300 broadcasts from one thread come out of order, and each is given once and finds its place", async () => {
    const conversation = newConversation()
    const tabs = await lab.openAll(2, chatPage(conversation, null))
    const sent = await site.cluster.fault<number[]>("burst", { conversation, count: 300 })
    for (const tab of tabs)
      await tab.until((told, n) => told.filter(({ type }) => type === "received").length >= n, 300)

    for (const tab of tabs) {
      const ids = await tab.ids()
      expect(ids).not.toEqual(sent) // else this test provokes nothing
      expect(ids.toSorted((a, b) => a - b)).toEqual(sent)
      expect(shown(await tab.received())).toEqual(sent)
    }
  })

  it("a row that commits after a later one is given late, before that one", async () => {
    const conversation = newConversation()
    const [tab] = await lab.openAll(1, chatPage(conversation, null))
    const [late, early] = await site.cluster.fault<number[]>("commit_late", { conversation, ms: 1_000 })
    await tab.untilReceived(late ?? 0)

    expect(await tab.ids()).toEqual([early, late])
    expect(shown(await tab.received())).toEqual([late, early])
  })

  it("a row that commits late below what a catch-up has returned is found, though nobody is told of it", async () => {
    const conversation = newConversation()
    const [first] = await site.cluster.say(conversation)
    const [tab] = await lab.openAll(1, chatPage(conversation, null, OFTEN))
    const slow = site.cluster.fault<number[]>("commit_late", { conversation, ms: 4_000, broadcast: "never" })
    // The later row is committed while the earlier one is not: this page is rendered in between, and so is a catch-up.
    await tab.until((told, n) => told.filter(({ type }) => type === "received").length >= n, 2)
    const later = (await tab.ids()).at(-1) ?? 0
    const rendered = await lab.open(chatPage(conversation, [first ?? 0, later], OFTEN))
    await rendered.untilCaughtUp()
    const [late = 0] = await slow

    for (const each of [tab, rendered]) await each.untilReceived(late)
    expect(await tab.ids()).toEqual([first, later, late])
    expect(await rendered.received()).toMatchObject([
      { message: { id: late }, delivery: { source: "catch-up", late: { before: String(later) } } },
    ])
  })

  it("a row that is never broadcast arrives on a cable that never dropped", async () => {
    const conversation = newConversation()
    const tabs = await lab.openAll(2, chatPage(conversation, null, OFTEN))
    const [silent = 0] = await site.cluster.say(conversation, 1, { broadcast: "never" })
    for (const tab of tabs) await tab.untilReceived(silent)

    for (const tab of tabs) expect(await tab.received()).toMatchObject([{ delivery: { source: "catch-up" } }])
    expect(await tabs[0].inspect()).toMatchObject({ socket: { state: "live", opened: 1 } })
  })

  it("a message too long for NOTIFY is answered with an error, exists, and arrives; sent again, it is still one", async () => {
    const conversation = newConversation()
    const [tab] = await lab.openAll(1, chatPage(conversation, null, OFTEN))
    const url = `${site.cluster.origin}/webchats/42/messages`
    const fields = { conversation, session: "s1", author: "agent", body: "x".repeat(9_000), client_key: conversation }
    await expect(post(url, fields)).rejects.toThrow("500")
    const answer = (await post(url, fields)) as { id: number }
    await tab.untilReceived(answer.id)
    const [after = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(after)

    expect(await tab.ids()).toEqual([answer.id, after])
  })

  it("what retention has deleted is told as a gap", async () => {
    const conversation = newConversation()
    const ids = await site.cluster.say(conversation, 5)
    await site.cluster.fault("purge", { conversation, through: ids[2] ?? 0 })
    const tab = await lab.open(chatPage(conversation, ids[0] ?? 0))
    await tab.until(told => told.some(({ type }) => type === "caughtUp"))
    const [next = 0] = await site.cluster.say(conversation)
    await tab.untilReceived(next)

    expect(await tab.ids()).toEqual([next])
    expect((await tab.told()).filter(({ type }) => type === "caughtUp")).toMatchObject([
      { outcome: "gap", reason: "history-unavailable" },
    ])
  })

  it("what happened to comments while a browser was away arrives, from a log of events with ids of their own", async () => {
    const conversation = newConversation()
    const params = { session: "s1", conversation }
    const url = `${site.cluster.origin}/webchats/42/comments`
    const [edited, deleted] = await Promise.all(["one", "two"].map(body => call("POST", url, { ...params, body })))
    const page = await call("GET", url, params)
    await call("PATCH", `${url}/${edited?.id}`, { ...params, body: "edited" })
    await call("DELETE", `${url}/${deleted?.id}`, params)

    const channel = { channel: "CommentsChannel", ...params }
    const options = { after: page.cursor ?? null, catchUp: { url: "/webchats/42/comments/events", params } }
    const tab = await lab.open(pageOf(conversation, { chat: { channel, options } }))
    await tab.untilCaughtUp()
    const created = await call("POST", url, { ...params, body: "three" })
    await tab.until((told, n) => told.filter(({ type }) => type === "received").length >= n, 3)

    expect((await tab.received()).map(({ message }) => message)).toMatchObject([
      { type: "comment.updated", comment: { id: edited?.id, body: "edited" } },
      { type: "comment.deleted", comment: { id: deleted?.id, body: null } },
      { type: "comment.created", comment: { id: created.id, body: "three" } },
    ])
  })
})

async function call(method: string, url: string, params: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(`${url}?${new URLSearchParams(params)}`, { method })
  return (response.status === 204 ? {} : await response.json()) as Answer
}
