// What the server does when it is told to misbehave, and what it says that it saw.

import { describe, expect, it, vi } from "vitest"

import { ask, catchUp, Client, post, serve, webchat } from "./support.ts"

const ECHO = JSON.stringify({ channel: "EchoChannel" })

describe("told to misbehave", () => {
  it("cuts every socket without a word", async () => {
    const server = await serve()
    const clients = [await Client.open(server), await Client.open(server)]
    expect(server.control({ drop: true })).toEqual({ drop: 2 })
    expect(await Promise.all(clients.map(client => client.closed))).toEqual([1006, 1006])
  })

  it("falls silent, taking commands all the same, until it may speak again", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    server.control({ silence: 60_000 })
    client.send("message", webchat(), { action: "speak", body: "unheard" })
    await expect.poll(() => server.stats().persisted).toBe(1)
    server.control({ silence: null })
    expect(await client.settled()).toEqual([])
  })

  it("does not welcome while it is silent", async () => {
    const server = await serve()
    server.control({ silence: 60_000 })
    const client = new Client(server)
    await expect.poll(() => server.stats().sockets).toBe(1)
    server.control({ silence: null })
    expect(await client.settled()).toEqual([])
    client.socket.terminate()
  })

  it("confirms early, and delivers only later", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ confirmEarly: 500 })
    await client.subscribe(webchat())
    server.control({ persist: { conversation: "c1", body: "lost", broadcast: true } })
    await expect
      .poll(() => server.control({ broadcast: { identifier: webchat(), message: "heard" } }), { timeout: 5_000 })
      .toEqual({ broadcast: 1 })
    expect(await client.next()).toEqual({ identifier: webchat(), message: "heard" })
  })

  it("reorders broadcasts", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    server.control({ reorder: 50, persist: { conversation: "c1", body: "n", count: 50, broadcast: true } })
    const order: number[] = []
    while (order.length < 50) order.push(((await client.next()).message as { id: number }).id)
    const sorted = order.toSorted((a, b) => a - b)
    expect(new Set(order).size).toBe(50)
    expect(order).not.toEqual(sorted)
  })

  it("commits late: an id that is taken at once is seen only after a later one", async () => {
    const server = await serve()
    server.control({ commitLate: 1_500 })
    const late = post(server, { body: "late", idempotency_key: "k1" })
    await expect.poll(() => server.stats().requests.length, { interval: 5 }).toBe(1)
    const again = post(server, { body: "late", idempotency_key: "k1" })
    await expect.poll(() => server.stats().requests.length, { interval: 5 }).toBe(2)
    server.control({ commitLate: 0 })
    const next = await post(server, { body: "next" })
    expect(next.body.id).toBe(2)
    expect((await catchUp(server)).body.messages).toMatchObject([{ id: 2 }])
    const [first, second] = [await late, await again]
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toEqual(first.body)
    expect(first.body.created_at <= next.body.created_at).toBe(true)
    expect((await catchUp(server)).body.messages).toMatchObject([{ id: 1, body: "late" }, { id: 2 }])
  })

  it("persists the next messages without broadcasting them", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    server.control({ persistOnly: 1 })
    await post(server, { body: "unheard" })
    await post(server, { body: "heard" })
    expect(await client.settled()).toMatchObject([{ message: { id: 2, body: "heard" } }])
    expect(server.stats().persisted).toBe(2)
  })

  it("fails the next catch-ups with a status, a Retry-After and a body, and then no more", async () => {
    const server = await serve()
    server.control({ catchUp: { status: 503, retryAfter: 7, body: "<html>", times: 2 } })
    for (const _ of [1, 2]) {
      const answer = await catchUp(server)
      expect([answer.status, answer.headers.get("Retry-After"), answer.body]).toEqual([503, "7", "<html>"])
    }
    expect((await catchUp(server)).status).toBe(200)
  })

  it("delays catch-up answers, and the answer is then the real one", async () => {
    const server = await serve()
    server.control({ catchUp: { delay: 80, times: 1 } })
    const start = performance.now()
    const answer = await catchUp(server)
    expect(answer.body).toEqual({ messages: [], has_more: false, cursor: null })
    expect(performance.now() - start).toBeGreaterThanOrEqual(75)
  })

  it("revokes sessions, on the cable and over HTTP, until it forgives them", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ refuseSessions: ["s1"] })
    client.send("subscribe", webchat())
    expect(await client.next()).toMatchObject({ type: "reject_subscription" })
    expect([(await catchUp(server)).status, (await post(server)).status]).toEqual([401, 401])
    server.control({ refuseSessions: [] })
    expect((await catchUp(server)).status).toBe(200)
    await client.subscribe(webchat())
  })

  it("registers a subscription without answering, cured by unsubscribe alone", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ noAnswer: 1 })
    client.send("subscribe", webchat())
    client.send("subscribe", webchat())
    expect(await client.settled()).toEqual([])
    client.send("unsubscribe", webchat())
    await client.subscribe(webchat())
  })

  it("sends a disconnect frame and closes", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ disconnect: { reason: "server_restart", reconnect: true } })
    expect(await client.next()).toEqual({ type: "disconnect", reason: "server_restart", reconnect: true })
    expect(await client.closed).toBe(1000)
  })

  it("kicks with a bare close", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ kick: true })
    expect(await client.closed).toBe(1000)
  })

  it("refuses upgrades with 404", async () => {
    const server = await serve()
    server.control({ refuseUpgrade: 1 })
    await expect(new Client(server).closed).rejects.toThrow("404")
    await Client.open(server)
  })

  it("turns a socket away as unauthorized, without a welcome", async () => {
    const server = await serve()
    server.control({ unauthorized: 1 })
    const client = new Client(server)
    expect(await client.next()).toEqual({ type: "disconnect", reason: "unauthorized", reconnect: false })
    expect(await client.closed).toBe(1000)
  })

  it("sends any text as it is", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ raw: "not JSON" })
    expect(await client.next()).toEqual({ type: "not JSON" })
  })

  it("broadcasts to an identifier without persisting", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(ECHO)
    expect(server.control({ broadcast: { identifier: ECHO, message: null } })).toEqual({ broadcast: 1 })
    expect(await client.next()).toEqual({ identifier: ECHO, message: null })
    expect(server.stats().persisted).toBe(0)
  })

  it("plays offline: sockets and requests are cut off, and come back after", async () => {
    const server = await serve()
    const client = await Client.open(server)
    server.control({ offline: true })
    expect(await client.closed).toBe(1006)
    await expect(new Client(server).closed).rejects.toThrow("socket hang up")
    await expect(catchUp(server)).rejects.toThrow("fetch failed")
    expect((await ask(server, "/_control/stats")).body).toMatchObject({ offline: true, sockets: 0 })
    server.control({ offline: false })
    await Client.open(server)
    expect((await catchUp(server)).status).toBe(200)
  })

  it("hands a deploy on to whoever watches over it", async () => {
    const deploy = vi.fn<() => void>()
    const server = await serve({ deploy })
    server.control({ deploy: true })
    expect(deploy).toHaveBeenCalledOnce()
  })

  it("heals", async () => {
    const server = await serve()
    server.control({ refuseUpgrade: 9, silence: 60_000, catchUp: { status: 500, times: 9 } })
    server.control({ heal: true })
    await Client.open(server)
    expect((await catchUp(server)).status).toBe(200)
  })

  it("does nothing at all on an order that it does not know, and says which it does", async () => {
    const server = await serve()
    const client = await Client.open(server)
    const body = JSON.stringify({ kick: true, explode: true })
    const answer = await ask(server, "/_control", { method: "POST", body })
    expect(answer.status).toBe(422)
    expect(answer.body.error).toMatch(/"explode".*drop, silence/)
    expect(await client.settled()).toEqual([])
  })

  it("takes no orders from a foreign page", async () => {
    const headers = { Origin: "https://evil.example" }
    const answer = await ask(await serve(), "/_control", { method: "POST", headers, body: "{}" })
    expect(answer.status).toBe(403)
  })

  it("takes orders over HTTP and answers what it persisted", async () => {
    const server = await serve()
    const body = JSON.stringify({ persist: { conversation: "c1", body: "n", count: 2, broadcast: true } })
    const answer = await ask(server, "/_control", { method: "POST", body })
    expect(answer.body).toMatchObject({
      persist: [
        { id: 1, body: "n 1", author: "agent" },
        { id: 2, body: "n 2" },
      ],
    })
  })
})

describe("the stats", () => {
  it("tell what is open, what was opened, and what was commanded and requested, in order", async () => {
    const server = await serve()
    const first = await Client.open(server)
    first.socket.close()
    await first.closed
    const second = await Client.open(server)
    await second.subscribe(webchat())
    await catchUp(server, { limit: 5 })
    await catchUp(server, { after_id: 9 })
    const { body } = await ask(server, "/_control/stats")
    expect(body).toEqual({
      sockets: 1,
      opened: 2,
      refused: 0,
      commands: [{ at: expect.any(Number), socket: 2, command: "subscribe", identifier: webchat() }],
      requests: [
        {
          at: expect.any(Number),
          method: "GET",
          path: "/webchats/42/messages",
          after_id: null,
          limit: "5",
          status: 200,
        },
        {
          at: expect.any(Number),
          method: "GET",
          path: "/webchats/42/messages",
          after_id: "9",
          limit: null,
          status: 410,
        },
      ],
      persisted: 0,
      silent: false,
      offline: false,
    })
  })

  it("show a request that is not answered yet", async () => {
    const server = await serve()
    server.control({ catchUp: { delay: 500, times: 1 } })
    const answer = catchUp(server)
    await expect.poll(() => server.stats().requests).toMatchObject([{ status: null }])
    await answer
    expect(server.stats().requests).toMatchObject([{ status: 200 }])
  })

  it("forget their logs on reset, not what is open", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    server.control({ reset: true })
    expect(server.stats()).toMatchObject({ sockets: 1, opened: 1, commands: [], requests: [] })
  })
})
