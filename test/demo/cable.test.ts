// The server's cable, sentence by sentence as servers send ActionCable v1.

import { describe, expect, it } from "vitest"

import { Client, serve, webchat } from "./support.ts"

const ECHO = JSON.stringify({ channel: "EchoChannel", room: 1 })

describe("a socket", () => {
  it("is welcomed, with the protocol that both speak", async () => {
    const client = new Client(await serve(), ["actioncable-v1-json", "actioncable-unsupported"])
    expect(await client.next()).toEqual({ type: "welcome" })
    expect(client.socket.protocol).toBe("actioncable-v1-json")
    client.socket.terminate()
  })

  it("is pinged within 3 s of its welcome, with the time in seconds", async () => {
    const client = await Client.open(await serve())
    const start = Date.now()
    const ping = await client.frame("ping")
    expect(Date.now() - start).toBeLessThan(3_100)
    expect(Math.abs(Number(ping.message) - Date.now() / 1_000)).toBeLessThan(2)
    expect(Number.isInteger(ping.message)).toBe(true)
  })

  it("is refused with 404 when its page is of a foreign origin", async () => {
    const server = await serve()
    const client = new Client(server, ["actioncable-v1-json"], "https://evil.example")
    await expect(client.closed).rejects.toThrow("Unexpected server response: 404")
    expect(server.stats()).toMatchObject({ opened: 0, refused: 1 })
  })

  it.each(["localhost", "127.0.0.1"])("is let in from %s on the server's port, and no other port", async host => {
    const server = await serve()
    const own = new Client(server, ["actioncable-v1-json"], `http://${host}:${server.port}`)
    await own.frame("welcome")
    const other = new Client(server, ["actioncable-v1-json"], `http://${host}:1`)
    await expect(other.closed).rejects.toThrow("404")
    own.socket.terminate()
  })

  it("is let in from an origin that the options name", async () => {
    const server = await serve({ origins: ["https://shop.example"] })
    const client = new Client(server, ["actioncable-v1-json"], "https://shop.example")
    expect(await client.next()).toEqual({ type: "welcome" })
    client.socket.terminate()
  })

  it("survives anything that is not a command", async () => {
    const client = await Client.open(await serve())
    client.socket.send("{")
    client.socket.send("[]")
    client.socket.send(JSON.stringify({ command: "subscribe", identifier: 7 }))
    client.socket.send(Buffer.from([1, 2, 3]))
    client.send("message", ECHO)
    client.send("dance", ECHO)
    expect(await client.settled()).toEqual([])
  })
})

describe("subscribe", () => {
  it("is confirmed with the identifier as it was written", async () => {
    const client = await Client.open(await serve())
    const identifier = `{ "session":"s1","conversation":null, "channel":"WebchatChannel","id":42 }`
    client.send("subscribe", identifier)
    expect(await client.next()).toEqual({ identifier, type: "confirm_subscription" })
  })

  it.each(["", "bad", "badger"])("is rejected for the session %j", async session => {
    const client = await Client.open(await serve())
    client.send("subscribe", webchat({ session }))
    expect(await client.next()).toEqual({ identifier: webchat({ session }), type: "reject_subscription" })
  })

  it("is answered again after a rejection, because nothing was registered", async () => {
    const client = await Client.open(await serve())
    client.send("subscribe", webchat({ session: "bad" }))
    client.send("subscribe", webchat({ session: "bad" }))
    expect(await client.settled()).toHaveLength(2)
  })

  it("is not answered for an unknown channel, nor for an identifier that is no JSON", async () => {
    const client = await Client.open(await serve())
    client.send("subscribe", JSON.stringify({ channel: "NoSuchChannel" }))
    client.send("subscribe", "WebchatChannel")
    expect(await client.settled()).toEqual([])
  })

  it("is not answered a second time for one identifier", async () => {
    const client = await Client.open(await serve())
    await client.subscribe(webchat())
    client.send("subscribe", webchat())
    expect(await client.settled()).toEqual([])
  })

  it("is answered again after unsubscribe, which itself is not", async () => {
    const client = await Client.open(await serve())
    await client.subscribe(webchat())
    client.send("unsubscribe", webchat())
    client.send("subscribe", webchat())
    expect(await client.settled()).toEqual([{ identifier: webchat(), type: "confirm_subscription" }])
  })
})

describe("the webchat channel", () => {
  it("persists what is spoken, and broadcasts it to all who listen to the conversation, under their own identifiers", async () => {
    const server = await serve()
    const [visitor, agent] = [await Client.open(server), await Client.open(server)]
    await visitor.subscribe(webchat())
    await agent.subscribe(webchat({ session: "agent" }))
    visitor.send("message", webchat(), { action: "speak", body: "hi", author: "visitor", idempotency_key: "k1" })
    const message = {
      type: "message",
      id: 1,
      conversation: "c1",
      author: "visitor",
      body: "hi",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
      client_key: "k1",
    }
    expect(await visitor.next()).toEqual({ identifier: webchat(), message })
    expect(await agent.next()).toEqual({ identifier: webchat({ session: "agent" }), message })
    expect(server.stats().persisted).toBe(1)
  })

  it("takes no conversation and an empty one for the same", async () => {
    const client = await Client.open(await serve())
    await client.subscribe(webchat({ conversation: null }))
    await client.subscribe(webchat({ conversation: "" }))
    client.send("message", webchat({ conversation: "" }), { action: "speak", body: "hi" })
    expect(await client.settled()).toHaveLength(2)
  })

  it("keeps conversations apart", async () => {
    const client = await Client.open(await serve())
    await client.subscribe(webchat())
    await client.subscribe(webchat({ conversation: "c2" }))
    client.send("message", webchat({ conversation: "c2" }), { action: "speak", body: "hi" })
    expect(await client.settled()).toMatchObject([{ identifier: webchat({ conversation: "c2" }) }])
  })

  it("passes typing on without an id, and keeps nothing of it", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    client.send("message", webchat(), { action: "typing", author: "visitor" })
    const message = { type: "typing", author: "visitor", conversation: "c1" }
    expect(await client.settled()).toEqual([{ identifier: webchat(), message }])
    expect(server.stats().persisted).toBe(0)
  })

  it("does not answer an unknown action, nor one on a subscription that is not there", async () => {
    const client = await Client.open(await serve())
    await client.subscribe(webchat())
    client.send("message", webchat(), { action: "dance" })
    client.send("message", webchat(), { action: "constructor" })
    client.send("message", webchat({ conversation: "c2" }), { action: "speak", body: "hi" })
    expect(await client.settled()).toEqual([])
  })

  it("does not broadcast what another hand has written into the database", async () => {
    const server = await serve()
    const client = await Client.open(server)
    await client.subscribe(webchat())
    server.control({ persist: { conversation: "c1", body: "unheard", broadcast: false } })
    expect(await client.settled()).toEqual([])
    expect(server.stats().persisted).toBe(1)
  })
})

describe("the echo channel", () => {
  it("echoes to the asking socket alone", async () => {
    const server = await serve()
    const [one, other] = [await Client.open(server), await Client.open(server)]
    await one.subscribe(ECHO)
    await other.subscribe(ECHO)
    one.send("message", ECHO, { action: "echo", n: 1 })
    expect(await one.settled()).toEqual([{ identifier: ECHO, message: { action: "echo", n: 1 } }])
    expect(await other.settled()).toEqual([])
  })

  it.each([0, "", false, null, "a bare string", [1]])("echoes %j as it is when it is given as value", async value => {
    const client = await Client.open(await serve())
    await client.subscribe(ECHO)
    client.send("message", ECHO, { action: "echo", value })
    expect(await client.settled()).toEqual([{ identifier: ECHO, message: value }])
  })

  it("broadcasts to everybody with the same parameters, in whatever order they are named", async () => {
    const server = await serve()
    const [one, other] = [await Client.open(server), await Client.open(server)]
    const reversed = JSON.stringify({ room: 1, channel: "EchoChannel" })
    await one.subscribe(ECHO)
    await other.subscribe(reversed)
    await other.subscribe(JSON.stringify({ channel: "EchoChannel", room: 2 }))
    one.send("message", ECHO, { action: "broadcast", n: 1 })
    const message = { action: "broadcast", n: 1 }
    expect(await one.settled()).toEqual([{ identifier: ECHO, message }])
    expect(await other.settled()).toEqual([{ identifier: reversed, message }])
  })
})
