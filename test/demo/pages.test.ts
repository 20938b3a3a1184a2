// The pages as the server renders them: history, and the position that goes with it.

import { describe, expect, it } from "vitest"

import type { PageData } from "../../demo/page/data.ts"
import type { RunningServer } from "../../demo/server.ts"
import { ask, post, serve } from "./support.ts"

async function open(server: RunningServer, path: string): Promise<{ html: string; data: PageData }> {
  const { body } = await ask(server, path)
  const html = String(body)
  const [, json = ""] = /<script type="application\/json" id="chat-data">(.*?)<\/script>/s.exec(html) ?? []
  return { html, data: JSON.parse(json) as PageData }
}

describe("a page", () => {
  it("shows the last 30 messages, and says that there are more", async () => {
    const server = await serve()
    server.control({ persist: { conversation: "c1", body: "line", count: 31, broadcast: false } })
    const { html, data } = await open(server, "/?conversation=c1")
    expect(html).toContain(">line 31</p>")
    expect(html).toContain(">line 2</p>")
    expect(html).not.toContain(">line 1</p>")
    expect(data).toMatchObject({ role: "visitor", session: "visitor", conversation: "c1", hasMore: true })
    expect(data.ids).toEqual(Array.from({ length: 30 }, (_, n) => n + 2))
  })

  it("starts after every event that it was rendered from, not after messages alone", async () => {
    const server = await serve()
    await post(server)
    await post(server, { type: "reaction.created", message_id: 1, body: "👍" })
    await post(server, { type: "seen", author: "agent", message_id: 1, body: "" })
    const { html, data } = await open(server, "/?conversation=c1")
    expect(html.match(/class="message[ "]/g)).toHaveLength(2) // the message and the template
    expect(data.ids).toEqual([1, 2, 3])
    expect(data.reactions).toMatchObject([{ id: 2, message_id: 1, body: "👍" }])
    expect(data.seen).toEqual({ visitor: 0, agent: 1 })
  })

  it("starts from the beginning for an empty conversation", async () => {
    const { data } = await open(await serve(), "/?conversation=nobody")
    expect(data).toMatchObject({ ids: [], hasMore: false, seen: { visitor: 0, agent: 0 } })
  })

  it("shows what people wrote as text, in the list and in its data", async () => {
    const server = await serve()
    const body = `</script><img src=x onerror="alert(1)">`
    await post(server, { body, conversation: body })
    const { html, data } = await open(server, `/agent?conversation=${encodeURIComponent(body)}`)
    expect(html).not.toContain("<img")
    expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;")
    expect(data.conversation).toBe(body)
  })

  it("names whom the cable is for, and differs for the agent, who sees all conversations", async () => {
    const server = await serve()
    await post(server, { conversation: "c1" })
    await post(server, { conversation: "c2" })
    const visitor = await open(server, "/?conversation=c1")
    const agent = await open(server, "/agent?conversation=c1")
    expect(visitor.html).toContain(`<meta name="trunkline-identity" content="visitor" />`)
    expect(agent.html).toContain(`<meta name="trunkline-identity" content="agent" />`)
    expect(visitor.html).not.toContain("/agent?conversation=c2")
    expect(agent.html.indexOf("/agent?conversation=c2")).toBeLessThan(agent.html.indexOf("/agent?conversation=c1"))
  })
})
