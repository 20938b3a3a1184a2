// Who keeps the demo's server running, deploys included.

import { fork } from "node:child_process"
import { createServer } from "node:net"
import { once } from "node:events"

import { describe, expect, it, onTestFinished } from "vitest"

import { freePort, Supervisor } from "../../demo/supervisor.ts"
import { Client, temporaryDatabase } from "./support.ts"

async function supervise(): Promise<{ supervisor: Supervisor; port: number }> {
  const supervisor = new Supervisor(["--database", temporaryDatabase()], 0)
  onTestFinished(() => supervisor.stop())
  return { supervisor, port: await supervisor.start(0) }
}

function order(port: number, orders: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/_control`, { method: "POST", body: JSON.stringify(orders) })
}

describe("the supervisor", () => {
  it("replaces the server on its port and database when it is told to deploy", async () => {
    const { port } = await supervise()
    await order(port, { persist: { conversation: "c1", body: "before", broadcast: true } })
    const client = await Client.open({ port })
    await order(port, { deploy: true }).catch(() => {}) // it may be gone before it has answered
    expect(await client.closed).toBe(1006)
    const stats = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/_control/stats`).catch(() => null)
      return answer?.json()
    }
    await expect.poll(stats, { timeout: 5_000 }).toMatchObject({ persisted: 1, opened: 0 })
  })

  it("leaves nobody behind when it stops", async () => {
    const { supervisor, port } = await supervise()
    await supervisor.stop()
    await expect(fetch(`http://127.0.0.1:${port}/_control/stats`)).rejects.toThrow("fetch failed")
  })
})

describe("the server", () => {
  it("ends when its supervisor is gone, however that died", async () => {
    const script = new URL("../../demo/server.ts", import.meta.url).pathname
    const server = fork(script, ["--database", temporaryDatabase()], { silent: true })
    onTestFinished(() => void server.kill("SIGKILL"))
    if (server.stdout) await once(server.stdout, "data")
    server.disconnect()
    expect((await once(server, "exit"))[0]).toBe(0)
  })
})

describe("a free port", () => {
  it("is the one that was wanted, or the next", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await once(taken, "listening")
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    expect(await freePort(port)).toBeGreaterThan(port)
  })
})
