// Turbo's stream element, unchanged, over the shared cable.

import type { Page } from "puppeteer-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"

import { end, ENGINES, launch, type Running } from "../browser/lab/browser.ts"
import { Server } from "../browser/lab/server.ts"
import { buildSite, identifier, PAGES, WIRINGS, type PageName } from "./site.ts"

const CASES = ENGINES.flatMap(engine => WIRINGS.flatMap(wiring => [1, 3].map(count => ({ engine, wiring, count }))))

describe.each(CASES)("Turbo's streams in $engine by $wiring in $count tab(s)", ({ engine, wiring, count }) => {
  let site: Awaited<ReturnType<typeof buildSite>>
  let running: Running
  let server: Server
  let tabs: Page[] = []

  beforeAll(async () => {
    site = await buildSite(wiring)
    running = await launch(engine)
  })
  afterAll(async () => {
    await end(running)
    site.remove()
  })
  beforeEach(async () => {
    server = await Server.start(site.directory)
    tabs = []
    for (let n = 0; n < count; n++) {
      const tab = await running.browser.newPage()
      await tab.goto(`${server.origin}/${wiring}/first.html`)
      await untilConnected(tab, "first")
      tabs.push(tab)
    }
  })
  afterEach(async () => {
    await Promise.all(tabs.map(tab => tab.close()))
    await server.stop()
  })

  const everywhere = (act: (tab: Page) => Promise<unknown>) => Promise.all(tabs.map(act))

  async function untilConnected(tab: Page, name: PageName): Promise<void> {
    const sources = PAGES[name].map(stream => `[signed-stream-name="${stream}"][connected]`)
    await until(tab, selectors => selectors.every(selector => document.querySelector(selector)), sources)
  }

  async function say(stream: string, text: string): Promise<void> {
    const message = `<turbo-stream action="append" target="messages"><template><p>${text}</p></template></turbo-stream>`
    await server.control({ broadcast: { identifier: identifier(stream), message } })
  }

  async function untilShown(tab: Page, ...texts: string[]): Promise<void> {
    const shown = (wanted: string) =>
      [...document.querySelectorAll("#messages p")].map(p => p.textContent).join(" ") === wanted
    await until(tab, shown, texts.join(" "))
  }

  async function visit(tab: Page, name: PageName): Promise<void> {
    await tab.evaluate(
      path => (window as unknown as { Turbo: { visit(path: string): void } }).Turbo.visit(path),
      `/${wiring}/${name}.html`,
    )
    await until(tab, title => document.title === title, name)
    await untilConnected(tab, name)
  }

  /** Ends when all streams have said that they are cut off, however soon they are back: the hub may dial again at once. */
  async function dropCable(): Promise<void> {
    await everywhere(tab => tab.evaluate(noteLosses))
    await server.control({ drop: true })
    const isLost = (wanted: number) => Number(document.documentElement.dataset["losses"]) >= wanted
    await everywhere(tab => until(tab, isLost, PAGES.first.length))
  }

  const subscribed = async () =>
    (await server.stats()).commands.map(({ command, identifier }) => `${command} ${nameOf(identifier)}`)

  it("are rendered in every tab, over one socket and one subscription each", async () => {
    await say("common", "a")
    await everywhere(tab => untilShown(tab, "a")) // only within a stream is there an order
    await say("one", "b")
    await everywhere(tab => untilShown(tab, "a", "b"))

    const { opened, sockets } = await server.stats()
    expect({ opened, sockets }).toEqual({ opened: 1, sockets: 1 })
    expect((await subscribed()).toSorted()).toEqual(["subscribe common", "subscribe one"])
  })

  it("go on through a visit where both pages have them, and change where they differ", async () => {
    for (const tab of tabs) {
      await tab.bringToFront()
      await visit(tab, "second")
    }
    await server.until(({ commands }) => commands.some(({ command }) => command === "unsubscribe"))
    await say("common", "a")
    await say("one", "nobody listens")
    await everywhere(tab => untilShown(tab, "a"))
    await say("two", "b")
    await everywhere(tab => untilShown(tab, "a", "b"))

    expect((await server.stats()).opened).toBe(1)
    expect((await subscribed()).toSorted()).toEqual([
      "subscribe common",
      "subscribe one",
      "subscribe two",
      "unsubscribe one",
    ])
  })

  it("end with their element and begin again with it", async () => {
    await everywhere(tab => tab.evaluate(() => document.querySelector("[signed-stream-name=one]")?.remove()))
    await server.until(({ commands }) => commands.some(({ command }) => command === "unsubscribe"))
    await everywhere(tab =>
      tab.evaluate(() => {
        const source = document.createElement("turbo-cable-stream-source")
        source.setAttribute("channel", "EchoChannel")
        source.setAttribute("signed-stream-name", "one")
        document.body.prepend(source)
      }),
    )
    await everywhere(tab => untilConnected(tab, "first"))
    await say("one", "a")
    await everywhere(tab => untilShown(tab, "a"))
    expect((await server.stats()).opened).toBe(1)
  })

  it("come back after the cable was lost, and say so", async () => {
    await dropCable()
    await everywhere(tab => untilConnected(tab, "first"))
    await say("one", "a")
    await everywhere(tab => untilShown(tab, "a"))
    expect((await server.stats()).sockets).toBe(1)
  })

  it("have their page morphed once after a gap, when it is visible and our entry is there to hear of it", async () => {
    const renders = wiring === "alias" ? "" : "morph "
    await dropCable()
    for (const tab of tabs) {
      await tab.bringToFront()
      await untilConnected(tab, "first")
      await until(tab, renders => (document.documentElement.dataset["renders"] ?? "") === renders, renders)
    }
    await say("one", "a")
    await everywhere(tab => untilShown(tab, "a"))
    for (const tab of tabs) {
      await untilConnected(tab, "first")
      expect(await tab.evaluate(() => document.documentElement.dataset["renders"] ?? "")).toBe(renders)
    }
  })
})

/** In the page: counts the streams that lose their `connected`, also if they have it again before anybody looks. */
function noteLosses(): void {
  const { dataset } = document.documentElement
  dataset["losses"] = "0"
  new MutationObserver(changes => {
    const lost = changes.filter(({ oldValue }) => oldValue !== null)
    dataset["losses"] = String(Number(dataset["losses"]) + lost.length)
  }).observe(document, { subtree: true, attributeFilter: ["connected"], attributeOldValue: true })
}

/** Waits for the page to change, not for a frame: hidden pages have none. */
async function until<Wanted>(tab: Page, holds: (wanted: Wanted) => boolean, wanted: Wanted): Promise<void> {
  await tab
    .waitForFunction(holds as (wanted: unknown) => boolean, { polling: "mutation", timeout: 15_000 }, wanted)
    .catch(async (error: unknown) => {
      throw new Error(`Not within 15 s: ${String(holds)}\n${await tab.content()}`, { cause: error })
    })
}

function nameOf(identifier: string): string {
  return (JSON.parse(identifier) as { signed_stream_name: string }).signed_stream_name
}
