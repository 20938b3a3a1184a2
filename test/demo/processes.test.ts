// The server and the producer as processes of their own, which is how a deploy and a crash meet them.

import { spawn, type ChildProcessByStdio } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"

import { describe, expect, it, onTestFinished } from "vitest"

import { startServer } from "../../demo/server.ts"
import { Client, temporaryDatabase } from "./support.ts"

type Child = ChildProcessByStdio<null, Readable, null>

function run(script: string, ...args: string[]): Child {
  const path = new URL(`../../demo/${script}`, import.meta.url).pathname
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

async function runServer(...args: string[]): Promise<{ child: Child; port: number }> {
  const child = run("server.ts", ...args)
  const [line] = (await once(createInterface(child.stdout), "line")) as [string]
  return { child, port: (JSON.parse(line) as { port: number }).port }
}

describe("the server as a process", () => {
  it("says its port once it listens; SIGTERM sends nothing, cuts the sockets and exits with 0", async () => {
    const { child, port } = await runServer("--port", "0", "--database", temporaryDatabase())
    const client = await Client.open({ port })
    child.kill("SIGTERM")
    expect((await once(child, "exit"))[0]).toBe(0)
    expect(await client.closed).toBe(1006)
  })

  it("comes back on the same port with the messages that it had", async () => {
    const database = temporaryDatabase()
    const first = await runServer("--database", database)
    const post = {
      method: "POST",
      body: JSON.stringify({ persist: { conversation: "c1", body: "hi", broadcast: true } }),
    }
    await fetch(`http://127.0.0.1:${first.port}/_control`, post)
    first.child.kill("SIGKILL")
    await once(first.child, "exit")
    const second = await runServer("--database", database, "--port", String(first.port))
    expect(second.port).toBe(first.port)
    const answer = await fetch(`http://127.0.0.1:${second.port}/webchats/1/messages?session=s&conversation=c1`)
    expect(await answer.json()).toMatchObject({ messages: [{ id: 1, body: "hi" }] })
  })

  it("serves the files of a directory and the worker's script, which no browser may keep unasked", async () => {
    const database = temporaryDatabase()
    const directory = dirname(database)
    writeFileSync(join(directory, "index.html"), "<h1>hello</h1>")
    writeFileSync(join(directory, "hub.js"), "export {}")
    const { port } = await runServer(
      "--database",
      database,
      "--static",
      directory,
      "--worker",
      join(directory, "hub.js"),
    )
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect(page.headers.get("Content-Type")).toContain("text/html")
    expect(page.headers.get("Cache-Control")).toBe("no-cache")
    expect(await page.text()).toBe("<h1>hello</h1>")
    const worker = await fetch(`http://127.0.0.1:${port}/assets/trunkline-worker.js`)
    expect(worker.headers.get("Content-Type")).toContain("javascript")
    expect(worker.headers.get("Cache-Control")).toBe("no-cache")
  })
})

describe("the producer", () => {
  it("persists beside the server, which neither broadcasts nor is in the way", async () => {
    const database = temporaryDatabase()
    const server = await startServer({ database })
    onTestFinished(() => server.stop())
    const producer = run("produce.ts", "--database", database, "--conversation", "c1", "--count", "20", "--every", "1")
    const ids: number[] = []
    for await (const line of createInterface(producer.stdout)) {
      ids.push((JSON.parse(line) as { id: number }).id)
      server.control({ persist: { conversation: "c1", body: "between", broadcast: true } })
    }
    expect(ids).toHaveLength(20)
    expect(server.stats().persisted).toBe(40)
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
  })
})
