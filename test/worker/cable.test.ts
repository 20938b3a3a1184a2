import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { openCable } from "../../worker/cable.ts"
import { serveCable, serveNothing } from "./support/cable-server.ts"

/** An open cable, what it hears, and its end. */
function open(url: string, subprotocols: readonly string[] = []) {
  const frames: unknown[] = []
  const reasons: string[] = []
  let heard = () => {}
  let over = () => {}
  const closed = new Promise<void>(resolve => (over = resolve))
  const cable = openCable(url, subprotocols, {
    frame: raw => {
      frames.push(raw)
      heard()
    },
    closed: reason => {
      reasons.push(reason)
      over()
    },
  })
  onTestFinished(() => void cable.drop())
  const frame = () => new Promise<void>(resolve => (heard = resolve))
  return { cable, frames, reasons, closed, frame }
}

async function connected(subprotocols: readonly string[] = []) {
  const server = await serveCable()
  const accepted = server.accepted()
  const opened = open(server.url, subprotocols)
  return { ...opened, ...(await accepted) }
}

describe("a cable", () => {
  it("offers ActionCable's protocols, and the application's after them", async () => {
    const { offered, path } = await connected(["extra"])
    expect(offered).toEqual(["actioncable-v1-json", "actioncable-unsupported", "extra"])
    expect(path).toBe("/cable")
  })

  it("leaves the application's list alone", async () => {
    const subprotocols = Object.freeze(["extra"])
    const { offered } = await connected(subprotocols)
    expect(offered).toContain("extra")
    expect(subprotocols).toEqual(["extra"])
  })

  it("hands frames on as they came, in order, whatever they are", async () => {
    const { socket, frames, frame } = await connected()
    const sent = ['{"type":"welcome"}', "not JSON", "", "0", '"é😀"']
    for (const text of sent) socket.send(text)
    while (frames.length < sent.length) await frame()
    expect(frames).toEqual(sent)
  })

  it("sends what it is given, as it is", async () => {
    const { cable, socket, frame } = await connected()
    socket.send("open")
    await frame()
    const arrived = once(socket, "message")
    cable.send('{"command":"subscribe"}')
    expect(((await arrived)[0] as Buffer).toString()).toBe('{"command":"subscribe"}')
  })

  it("sends nothing by itself: no monitor, no subscribe every 500 ms", async () => {
    const { cable, socket, frame } = await connected()
    const commands: string[] = []
    socket.on("message", data => commands.push((data as Buffer).toString()))
    socket.send('{"type":"welcome"}')
    await frame()
    cable.send("last")
    await once(socket, "message")
    expect(commands).toEqual(["last"])
  })
})

describe("a cable is closed once", () => {
  it("with the server's code", async () => {
    const { socket, reasons, closed } = await connected()
    socket.close(1000)
    await closed
    expect(reasons).toEqual(["closed 1000"])
  })

  it("when the server dies: 1006", async () => {
    const { socket, reasons, closed } = await connected()
    socket.terminate()
    await closed
    expect(reasons).toEqual(["closed 1006"])
  })

  it("when nobody listens", async () => {
    const { url, server } = await serveNothing()
    server.close()
    await once(server, "close")
    const { reasons, closed } = open(url)
    await closed
    expect(reasons).toEqual(["closed 1006"])
  })

  it("when the server refuses the upgrade, as Rails does a foreign Origin", async () => {
    const server = createServer((_, response) => response.writeHead(404).end())
    server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const { reasons, closed } = open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/cable`)
    await closed
    expect(reasons).toEqual(["closed 1006"])
  })

  it("when the server speaks another protocol", async () => {
    const server = await serveCable("actioncable-unsupported")
    const { reasons, closed, frames } = open(server.url)
    const { socket } = await server.accepted()
    await closed
    expect(reasons).toEqual(["unsupported protocol"])
    await once(socket, "close")
    expect(reasons).toHaveLength(1)
    expect(frames).toEqual([])
  })

  it("when the server picks none of the protocols", async () => {
    const server = await serveCable(false)
    const { reasons, closed } = open(server.url)
    await closed
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toMatch(/^(unsupported protocol|closed 1006)$/)
  })
})

describe("a cable that is dropped", () => {
  it("is closed at the server, and tells nothing more", async () => {
    const { cable, socket, frame, frames, reasons } = await connected()
    socket.send("one")
    await frame()
    void cable.drop()
    socket.send("two")
    await once(socket, "close")
    await new Promise(resolve => setImmediate(resolve))
    expect(frames).toEqual(["one"])
    expect(reasons).toEqual([])
  })

  it("while it is connecting is really closed, and does not open later", async () => {
    const { url, connected } = await serveNothing()
    const { cable, reasons } = open(url)
    const peer = await connected
    const ended = once(peer.resume(), "close")
    void cable.drop()
    await ended
    expect(reasons).toEqual([])
  })

  it("twice is dropped once", async () => {
    const { cable, socket, reasons } = await connected()
    void cable.drop()
    void cable.drop()
    await once(socket, "close")
    expect(reasons).toEqual([])
  })

  it("sends nothing any more", async () => {
    const { cable, socket } = await connected()
    const commands: string[] = []
    socket.on("message", data => commands.push((data as Buffer).toString()))
    void cable.drop()
    cable.send("late")
    await once(socket, "close")
    expect(commands).toEqual([])
  })
})

describe("a cable whose URL is none", () => {
  it("is closed once, and not before the caller has it", async () => {
    const { reasons, closed } = open("not a URL")
    expect(reasons).toEqual([])
    await closed
    expect(reasons).toEqual([expect.stringContaining("SyntaxError")])
  })

  it("may be dropped after that, as the core does with every cable that closed", async () => {
    const { cable, closed } = open("not a URL")
    await closed
    expect(() => cable.drop()).not.toThrow()
    expect(() => cable.send("x")).not.toThrow()
  })

  it("tells nothing when it was dropped before", async () => {
    const { cable, reasons } = open("not a URL")
    void cable.drop()
    await Promise.resolve()
    expect(reasons).toEqual([])
  })
})
