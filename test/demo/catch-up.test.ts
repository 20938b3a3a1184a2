// The server's HTTP answers, sentence by sentence as the catch-up contract has them.

import { describe, expect, it } from "vitest"

import type { RunningServer } from "../../demo/server.ts"
import { ask, catchUp, Client, post, serve, webchat, type Answer } from "./support.ts"

const ids = ({ body }: Answer): number[] => body.messages.map((message: { id: number }) => message.id)

function persist(server: RunningServer, count: number, conversation = "c1"): void {
  server.control({ persist: { conversation, body: "message", count, broadcast: false } })
}

describe("catch-up", () => {
  it("returns what came after an id, oldest first", async () => {
    const server = await serve()
    persist(server, 5)
    const answer = await catchUp(server, { after_id: 2 })
    expect(answer.status).toBe(200)
    expect(ids(answer)).toEqual([3, 4, 5])
    expect(answer.body).toMatchObject({ has_more: false, cursor: 5 })
  })

  it("starts at the beginning without an id", async () => {
    const server = await serve()
    persist(server, 3)
    expect(ids(await catchUp(server))).toEqual([1, 2, 3])
  })

  it("pages, and says whether there is more", async () => {
    const server = await serve()
    persist(server, 5)
    const first = await catchUp(server, { limit: 2 })
    expect([ids(first), first.body.has_more, first.body.cursor]).toEqual([[1, 2], true, 5])
    const second = await catchUp(server, { limit: 2, after_id: 2 })
    expect([ids(second), second.body.has_more]).toEqual([[3, 4], true])
    const third = await catchUp(server, { limit: 1, after_id: 4 })
    expect([ids(third), third.body.has_more]).toEqual([[5], false])
  })

  it("returns 200 at a time unless told otherwise", async () => {
    const server = await serve()
    persist(server, 201)
    expect(ids(await catchUp(server))).toHaveLength(200)
  })

  it("tells the newest id alone with a limit of 0, and null for an empty conversation", async () => {
    const server = await serve()
    expect((await catchUp(server, { limit: 0 })).body).toEqual({ messages: [], has_more: false, cursor: null })
    persist(server, 3)
    expect((await catchUp(server, { limit: 0 })).body).toEqual({ messages: [], has_more: false, cursor: 3 })
  })

  it("keeps conversations apart, also in its cursor", async () => {
    const server = await serve()
    persist(server, 2, "c1")
    persist(server, 2, "c2")
    const answer = await catchUp(server, { conversation: "c1" })
    expect([ids(answer), answer.body.cursor]).toEqual([[1, 2], 2])
  })

  it("returns items of the same shape as live frames", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    await post(server, { idempotency_key: "k1" })
    const live = await client.next()
    expect((await catchUp(server)).body.messages).toEqual([live.message])
  })

  it.each([
    ["never existed", 99],
    ["is no number", "abc"],
    ["belongs to another conversation", 3],
    ["was dropped", 1],
  ])("answers 410 to an id that %s", async (_, after_id) => {
    const server = await serve()
    persist(server, 2)
    persist(server, 1, "c2")
    server.control({ forget: 1 })
    const answer = await catchUp(server, { after_id })
    expect(answer.status).toBe(410)
    expect(answer.body.error).toContain(String(after_id))
  })

  it("still answers to an id that was retained, and never gives an id twice", async () => {
    const server = await serve()
    persist(server, 3)
    expect(server.control({ forget: 2 })).toEqual({ forget: 2 })
    expect((await catchUp(server, { after_id: 3 })).body).toMatchObject({ messages: [], cursor: 3 })
    server.control({ forget: 3 })
    expect((await catchUp(server)).body).toMatchObject({ messages: [], cursor: null })
    persist(server, 1)
    expect(ids(await catchUp(server))).toEqual([4])
  })

  it.each(["", "bad"])("answers 401 to the session %j", async session => {
    expect((await catchUp(await serve(), { session })).status).toBe(401)
  })

  it("prefers the session of the Authorization header", async () => {
    const server = await serve()
    const headers = { Authorization: "Bearer s2" }
    expect((await ask(server, "/webchats/42/messages?session=bad", { headers })).status).toBe(200)
  })

  it("repeats the last seconds before an id when told to overlap, without counting them", async () => {
    const server = await serve()
    persist(server, 5)
    server.control({ overlap: 60_000 })
    const answer = await catchUp(server, { after_id: 3, limit: 1 })
    expect(ids(answer)).toEqual([1, 2, 3, 4])
    expect(answer.body.has_more).toBe(true)
    expect((await catchUp(server, { after_id: 3, limit: 0 })).body.messages).toEqual([])
  })

  it("answers 422 to a limit that is none", async () => {
    expect((await catchUp(await serve(), { limit: "many" })).status).toBe(422)
  })

  it("lets pages of allowed origins read, with credentials, and no others", async () => {
    const server = await serve({ origins: ["https://shop.example"] })
    const path = "/webchats/42/messages?session=s1"
    const allowed = await ask(server, path, { headers: { Origin: "https://shop.example" } })
    expect(allowed.headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example")
    expect(allowed.headers.get("Access-Control-Allow-Credentials")).toBe("true")
    const foreign = await ask(server, path, { headers: { Origin: "https://evil.example" } })
    expect(foreign.headers.get("Access-Control-Allow-Origin")).toBeNull()
  })

  it("answers a preflight for the headers that credentials need", async () => {
    const server = await serve({ origins: ["https://shop.example"] })
    const headers = {
      Origin: "https://shop.example",
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "authorization",
    }
    const answer = await ask(server, "/webchats/42/messages", { method: "OPTIONS", headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.get("Access-Control-Allow-Headers")).toBe("authorization")
  })
})

describe("history", () => {
  it("pages backwards, each page oldest first", async () => {
    const server = await serve()
    persist(server, 5)
    const path = "/webchats/42/history?session=s1&conversation=c1&limit=2"
    const newest = await ask(server, path)
    expect([ids(newest), newest.body.has_more]).toEqual([[4, 5], true])
    const oldest = await ask(server, `${path}&before_id=3`)
    expect([ids(oldest), oldest.body.has_more]).toEqual([[1, 2], false])
  })

  it("counts messages alone, and brings along what else happened between them", async () => {
    const server = await serve()
    persist(server, 2)
    await post(server, { type: "reaction.created", message_id: 1, body: "👍" })
    await post(server, { type: "seen", message_id: 2, body: "" })
    const newest = await ask(server, "/webchats/42/history?session=s1&conversation=c1&limit=1")
    expect([ids(newest), newest.body.has_more]).toEqual([[2, 3, 4], true])
  })

  it("answers 401 to a bad session", async () => {
    expect((await ask(await serve(), "/webchats/42/history?session=bad")).status).toBe(401)
  })
})

describe("posting a message", () => {
  it("answers 201 with the message, which is in the database by then", async () => {
    const server = await serve()
    const answer = await post(server, { idempotency_key: "k1" })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ type: "message", id: 1, body: "hello", author: "visitor", client_key: "k1" })
    expect((await catchUp(server)).body.messages).toEqual([answer.body])
  })

  it("answers 200 with the same message to the same key, and broadcasts it once", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    const [first, second] = await Promise.all([
      post(server, { idempotency_key: "k1" }),
      post(server, { idempotency_key: "k1" }),
    ])
    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([200, 201])
    expect(second.body).toEqual(first.body)
    expect(await client.settled()).toHaveLength(1)
  })

  it.each([
    ["an empty body", { body: " " }, "blank"],
    ["a body over 2,000 characters", { body: "x".repeat(2_001) }, "too long"],
    ["nobody's message", { author: "stranger" }, "Author"],
    ["an unknown type", { type: "poll" }, "Type"],
  ])("answers 422 with a reason to %s", async (_, message, reason) => {
    const server = await serve()
    const answer = await post(server, message)
    expect(answer.status).toBe(422)
    expect(answer.body.error).toContain(reason)
    expect(server.stats().persisted).toBe(0)
  })

  it("takes a body of 2,000 characters", async () => {
    expect((await post(await serve(), { body: "x".repeat(2_000) })).status).toBe(201)
  })

  it("takes reactions, each an event of its own that is caught up as messages are", async () => {
    const server = await serve()
    await post(server)
    await post(server, { type: "reaction.created", message_id: 1, body: "👍" })
    expect((await catchUp(server, { after_id: 1 })).body.messages).toMatchObject([
      { id: 2, type: "reaction.created", message_id: 1, body: "👍" },
    ])
  })

  it("answers 401 to a bad session and 400 to what is no JSON object", async () => {
    const server = await serve()
    expect((await post(server, { session: "bad" })).status).toBe(401)
    expect((await ask(server, "/webchats/42/messages", { method: "POST", body: "[" })).status).toBe(400)
  })
})
