// The package in applications: built in each way, opened in two tabs, over one socket.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"

import { startServer } from "../../demo/server.ts"
import { end, ENGINES, launch, type Running } from "../browser/lab/browser.ts"
import { installApp, type App } from "./app.ts"
import { WAYS } from "./ways.ts"

let app: App

beforeAll(async () => {
  app = await installApp()
})
afterAll(() => app.remove())

describe.each(ENGINES)("in %s, two tabs share one socket", engine => {
  let running: Running
  beforeAll(async () => {
    running = await launch(engine)
  })
  afterAll(() => end(running))

  it.each(Object.entries(WAYS))("with %s", async (_, make) => {
    const site = mkdtempSync(join(tmpdir(), "trunkline-sample-"))
    onTestFinished(() => rmSync(site, { recursive: true, force: true }))
    const server = await startServer({ database: ":memory:", static: site })
    onTestFinished(() => server.stop())
    const made = await make(app.directory, site, server.url)
    if ("stop" in made) onTestFinished(() => made.stop())

    const errors: string[] = []
    const tabs = [await running.browser.newPage(), await running.browser.newPage()]
    for (const tab of tabs) {
      onTestFinished(() => tab.close())
      tab.on("pageerror", error => errors.push(String(error)))
      tab.on("console", message => message.type() === "warn" && errors.push(message.text()))
      await tab.goto("origin" in made ? made.origin : server.url)
      await tab.waitForSelector("[data-host]")
    }
    server.control({ broadcast: { identifier: '{"channel":"EchoChannel"}', message: "hello" } })
    for (const tab of tabs) {
      await tab.waitForFunction(() => document.body.textContent?.trim() === "hello", { polling: "mutation" })
      expect(await tab.$eval("body", body => body.dataset["host"])).toBe("shared-worker")
    }
    expect(errors).toEqual([])
    const { opened, sockets } = server.stats()
    expect({ opened, sockets }).toEqual({ opened: 1, sockets: 1 })
  })
})
