// The demo chat in real tabs: what the system that it replaces did, and must show working.

import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import type { Page } from "puppeteer-core"
import { build } from "vite"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"

import { startServer, type RunningServer } from "../../demo/server.ts"
import { end, launch, type Running } from "../browser/lab/browser.ts"
import { sample, SHARED_WORKERS } from "../browser/lab/place.ts"
import { temporaryDatabase } from "./support.ts"

const CONVERSATION = "Order 7"
const PATIENCE = { timeout: 10_000, interval: 50 }
const ROOT = fileURLToPath(new URL("../../", import.meta.url))

let site = ""

/** A copy of what was built, so that a build beside a running test does not pull the page from under it. */
beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), "trunkline-demo-"))
  await build({ configFile: `${ROOT}/demo/vite.config.ts`, build: { outDir: `${site}/page` } })
  cpSync(`${ROOT}/dist/worker.js`, `${site}/worker.js`)
})
afterAll(() => rmSync(site, { recursive: true, force: true }))

type Bubble = { id: number; body: string; own: boolean; state: string; note: string; seen: boolean }

/** All bubbles of a tab, from top to bottom. */
function bubbles(tab: Page): Promise<Bubble[]> {
  return tab.$$eval(".message", elements =>
    elements.map(element => ({
      id: Number((element as HTMLElement).dataset["id"]),
      body: element.querySelector(".message__body")?.textContent ?? "",
      own: element.classList.contains("message--own"),
      state: (element as HTMLElement).dataset["state"] ?? "sent",
      note: element.querySelector(".message__note")?.textContent ?? "",
      seen: element.classList.contains("message--seen"),
    })),
  )
}

const bodies = async (tab: Page): Promise<string[]> => (await bubbles(tab)).map(({ body }) => body)
const text = (tab: Page, selector: string): Promise<string> =>
  tab.$eval(selector, ({ textContent }) => textContent ?? "")
const shows = (tab: Page, selector: string): Promise<boolean> =>
  tab.$eval(selector, element => !(element as HTMLElement).hidden)

async function say(tab: Page, body: string): Promise<void> {
  await tab.bringToFront()
  await tab.type(".composer__body", body)
  await tab.keyboard.press("Enter")
}

/** Clicks the last element of this kind, whether or not it is in sight. */
async function press(tab: Page, selector: string): Promise<void> {
  await tab.evaluate(selector => [...document.querySelectorAll<HTMLElement>(selector)].at(-1)?.click(), selector)
}

describe.each(sample(SHARED_WORKERS))("the chat in %s", (_, { engine }) => {
  let running: Running
  let server: RunningServer

  beforeAll(async () => (running = await launch(engine)) && undefined)
  afterAll(() => end(running))
  beforeEach(async () => {
    server = await startServer({ database: temporaryDatabase(), static: `${site}/page`, worker: `${site}/worker.js` })
  })
  afterEach(() => server.stop())

  async function open(path = "/", conversation = CONVERSATION): Promise<Page> {
    const tab = await running.browser.newPage()
    onTestFinished(() => tab.close())
    await tab.goto(`${server.url}${path}?${new URLSearchParams({ conversation })}`)
    await live(tab)
    return tab
  }

  const live = (tab: Page): Promise<void> => expect.poll(() => text(tab, ".status"), PATIENCE).toContain("Live")
  const persist = (body: string, options: object = {}): unknown =>
    server.control({ persist: { conversation: CONVERSATION, body, broadcast: true, ...options } })

  it("shows an own message at once, once in every tab, and as seen when the other side has seen it", async () => {
    const [one, other] = [await open(), await open()]
    await say(one, "hello")
    await expect.poll(() => bubbles(one), PATIENCE).toMatchObject([{ body: "hello", own: true, state: "sent" }])
    await expect.poll(() => bubbles(other), PATIENCE).toMatchObject([{ body: "hello", own: true, seen: false }])
    const agent = await open("/agent")
    expect(await bubbles(agent)).toMatchObject([{ id: 1, body: "hello", own: false }])
    for (const tab of [one, other]) {
      await expect.poll(() => bubbles(tab), PATIENCE).toMatchObject([{ id: 1, seen: true }])
    }
  })

  it("tells the other side who types, until the message is there", async () => {
    const [visitor, another, agent] = [await open(), await open(), await open("/agent")]
    await visitor.bringToFront()
    await visitor.type(".composer__body", "h")
    await expect.poll(() => shows(agent, ".typing"), PATIENCE).toBe(true)
    expect(await text(agent, ".typing")).toContain("The visitor is typing")
    expect(await shows(another, ".typing")).toBe(false)
    await visitor.keyboard.press("Enter")
    await expect.poll(() => bodies(agent), PATIENCE).toEqual(["h"])
    expect(await shows(agent, ".typing")).toBe(false)
  })

  it("shows in every tab why a message was refused, and lets any of them discard it", async () => {
    const tabs = [await open(), await open()] as const
    await tabs[0].bringToFront()
    await tabs[0].$eval(".composer__body", element => ((element as HTMLTextAreaElement).value = "x".repeat(2_001)))
    await tabs[0].focus(".composer__body")
    await tabs[0].keyboard.press("Enter")
    for (const tab of tabs) {
      await expect
        .poll(() => bubbles(tab), PATIENCE)
        .toMatchObject([{ state: "failed", note: "Body is too long (maximum is 2,000 characters)" }])
    }
    await press(tabs[1], ".message__discard")
    for (const tab of tabs) await expect.poll(() => bubbles(tab), PATIENCE).toEqual([])
  })

  it("fails what it could not send, in every tab, and sends it once when any of them tries again", async () => {
    const tabs = [await open(), await open()] as const
    server.control({ offline: true })
    await say(tabs[0], "are you there?")
    for (const tab of tabs) {
      await expect
        .poll(() => bubbles(tab), PATIENCE)
        .toMatchObject([{ state: "failed", note: "The server cannot be reached" }])
    }
    server.control({ offline: false })
    await press(tabs[1], ".message__retry")
    for (const tab of tabs) await live(tab)
    for (const tab of tabs) await expect.poll(() => bubbles(tab), PATIENCE).toMatchObject([{ id: 1, state: "sent" }])
    expect(server.stats().persisted).toBe(1)
  })

  it("shows what was said while the cable was cut, in its place and without moving what is read", async () => {
    persist("line", { count: 30 })
    const tab = await open()
    const top = await tab.$eval(".chat__view", view => {
      view.scrollTop = 200
      return view.scrollTop
    })
    server.control({ drop: true })
    persist("meanwhile", { broadcast: false })
    await expect.poll(async () => (await bodies(tab)).at(-1), PATIENCE).toBe("meanwhile")
    expect(await tab.$eval(".chat__view", ({ scrollTop }) => scrollTop)).toBe(top)
    expect(await text(tab, ".newer")).toBe("1 new message")
    await press(tab, ".newer")
    expect(await shows(tab, ".newer")).toBe(false)
  })

  it("puts a message that was committed late before the ones that it preceded", async () => {
    const [visitor, agent] = [await open(), await open("/agent")]
    server.control({ commitLate: 1_500 })
    await say(visitor, "first")
    await expect.poll(() => server.stats().requests.some(({ method }) => method === "POST"), PATIENCE).toBe(true)
    server.control({ commitLate: 0 })
    persist("second")
    for (const tab of [visitor, agent]) {
      await expect.poll(() => bodies(tab), PATIENCE).toContain("second")
      await expect
        .poll(() => bubbles(tab), PATIENCE)
        .toMatchObject([
          { id: 1, body: "first" },
          { id: 2, body: "second" },
        ])
    }
  })

  it("pages backwards when its beginning comes into sight, and the line that is read stays where it is", async () => {
    persist("line", { count: 70 })
    const tab = await open()
    expect(await bubbles(tab)).toHaveLength(30)
    const topOf = (id: number): Promise<number> =>
      tab.$eval(`[data-id="${id}"]`, element => element.getBoundingClientRect().top)
    await tab.$eval(".chat__view", view => (view.scrollTop = 0))
    const before = await topOf(41)
    await expect.poll(async () => (await bubbles(tab)).length, PATIENCE).toBe(60)
    expect(Math.abs((await topOf(41)) - before)).toBeLessThan(2)
    await tab.$eval(".chat__view", view => (view.scrollTop = 0))
    await expect.poll(() => text(tab, ".chat__older"), PATIENCE).toContain("Start of the conversation")
    expect((await bubbles(tab)).map(({ id }) => id)).toEqual(Array.from({ length: 70 }, (_, n) => n + 1))
  })

  it("shows what people write as text", async () => {
    const tab = await open()
    const body = `<img src=x onerror="document.title='hacked'"> & <b>bold</b>`
    persist(body)
    await expect.poll(() => bodies(tab), PATIENCE).toEqual([body])
    await tab.reload()
    expect(await bodies(tab)).toEqual([body])
    expect(await tab.$$(".message__body *")).toEqual([])
  })

  it("shows a reaction once, in every tab and after a reload, and takes it back", async () => {
    persist("good news")
    const [visitor, agent] = [await open(), await open("/agent")]
    await press(visitor, '[data-emoji="😂"]')
    await expect.poll(() => text(agent, ".message__reactions"), PATIENCE).toBe("😂")
    await agent.reload()
    await expect.poll(() => text(agent, ".message__reactions"), PATIENCE).toBe("😂")
    await press(agent, ".pill")
    await expect.poll(() => text(visitor, ".message__reactions"), PATIENCE).toBe("😂 2")
    await press(visitor, ".pill")
    await expect.poll(() => text(agent, ".message__reactions"), PATIENCE).toBe("😂")
  })

  it("goes from conversation to conversation on one cable, and what was said meanwhile is there", async () => {
    for (const conversation of ["A", "B", "C"]) persist(`hello ${conversation}`, { conversation })
    const agent = await open("/agent", "A")
    for (const conversation of ["B", "C", "A", "B"]) await press(agent, `[href$="conversation=${conversation}"]`)
    await expect.poll(() => bodies(agent), PATIENCE).toEqual(["hello B"])
    persist("and again", { conversation: "B" })
    await expect.poll(() => bodies(agent), PATIENCE).toEqual(["hello B", "and again"])
    await press(agent, '[href$="conversation=A"]')
    persist("meanwhile", { conversation: "A", broadcast: false })
    await expect.poll(() => bodies(agent), { ...PATIENCE, timeout: 15_000 }).toEqual(["hello A", "meanwhile"])
    expect(server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it.runIf(engine === "chromium")(
    "counts in the titles of hidden tabs what nobody has seen, until one is looked at",
    async () => {
      const tabs = [await open(), await open()] as const
      const agent = await open("/agent")
      await agent.bringToFront()
      await say(agent, "one")
      await say(agent, "two")
      for (const tab of tabs) await expect.poll(() => tab.title(), PATIENCE).toMatch(/^\(2\) /)
      await tabs[0].bringToFront()
      for (const tab of tabs) await expect.poll(() => tab.title(), PATIENCE).not.toMatch(/^\(/)
      await expect.poll(() => bubbles(agent), PATIENCE).toMatchObject([{ seen: false }, { seen: true }])
    },
  )
})
