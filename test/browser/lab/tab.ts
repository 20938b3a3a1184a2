// One tab of a real browser that shows the fixture page.

import type { Browser, BrowserContext, Page } from "puppeteer-core"

import type { Delivery, Inspection } from "../../../client/index.ts"
import type { PageOptions, Told } from "../fixture/told.ts"
import { isEmbedded } from "./servers.ts"
import { within } from "./within.ts"

/** Generous: two engines with several tabs each share two cores. Rails starts slowly, and hubs may then try again 10 s later. */
const PATIENCE_MS = isEmbedded() ? 15_000 : 25_000

export type Received = {
  message: { id: number; body: string; type: string; created_at: string }
  delivery: Delivery
  at: number
}

export class Tab {
  readonly page: Page
  /** Its renderer died, as Chromium tells. Puppeteer waits for ever for an answer from such a page. */
  hasCrashed = false
  readonly crashed: Promise<void>

  private constructor(page: Page) {
    this.page = page
    this.crashed = new Promise(resolve => {
      page.once("error", () => {
        this.hasCrashed = true
        resolve()
      })
    })
  }

  /** In front of the others, unless it is there already. */
  async show(): Promise<void> {
    if ((await this.page.evaluate("document.visibilityState")) === "hidden") await this.page.bringToFront()
  }

  static of(page: Page): Tab {
    return new Tab(page)
  }

  static async open(
    window: Browser | BrowserContext,
    origin: string,
    options: PageOptions | null,
    name = "index",
  ): Promise<Tab> {
    const tab = new Tab(await window.newPage())
    const query = options ? `?${new URLSearchParams({ options: JSON.stringify(options) })}` : ""
    await tab.page.goto(`${origin}/${name}.html${query}`)
    return tab
  }

  /** For pages that were opened with `null`. */
  subscribe(options: PageOptions): Promise<void> {
    return this.evaluate(options => window.lab.open(options), options)
  }

  /** Everything that the page was told since it was loaded. */
  told(): Promise<Told[]> {
    return this.evaluate(() => window.lab.told)
  }

  async received(of = "chat"): Promise<Received[]> {
    const told = await this.told()
    return told.filter(
      (each): each is Told & { type: "received" } & Received => each.type === "received" && each.of === of,
    )
  }

  /** The ids of what was received, in the order in which it came. */
  async ids(of = "chat"): Promise<number[]> {
    // As text: Firefox takes its time to hand over thousands of values.
    const text = await this.evaluate(of => {
      const ids = window.lab.told.map(
        each => each.type === "received" && each.of === of && (each.message as { id: number }).id,
      )
      return JSON.stringify(ids.filter(id => id !== false))
    }, of)
    return JSON.parse(text) as number[]
  }

  /**
   * Waits until something is true of all that the page was told.
   *
   * @param done runs in the page, without its surroundings: all that it needs is in `args`
   */
  until<Args extends readonly unknown[]>(
    done: (told: readonly Told[], ...args: Args) => boolean,
    ...args: Args
  ): Promise<void> {
    return this.#until(PATIENCE_MS, done, ...args)
  }

  async #until<Args extends readonly unknown[]>(
    patience: number,
    done: (told: readonly Told[], ...args: Args) => boolean,
    ...args: Args
  ): Promise<void> {
    const condition = `(${String(done)})(told, ...${JSON.stringify(args)})`
    const met = this.page.evaluate(`window.lab.until(told => ${condition})`)
    await within(patience, met, async () => `${condition}\n${await this.describe()}`)
  }

  /** Waits for a message with this id. */
  untilReceived(id: number, of = "chat"): Promise<void> {
    return this.until(
      (told, id, of) =>
        told.some(each => each.type === "received" && each.of === of && (each.message as { id?: number }).id === id),
      id,
      of,
    )
  }

  untilDisconnected(patience = PATIENCE_MS): Promise<void> {
    return this.#until(patience, told => told.some(({ type }) => type === "disconnected"))
  }

  /** Waits for the `n`th time that everything up to here was complete. */
  untilCaughtUp(n = 1, of = "chat"): Promise<void> {
    return this.until(
      (told, n, of) => told.filter(each => each.type === "caughtUp" && each.of === of).length >= n,
      n,
      of,
    )
  }

  inspect(): Promise<Inspection> {
    return this.evaluate(() => window.lab.consumer.inspect())
  }

  evaluate<Args extends unknown[], Result>(
    work: (...args: Args) => Result | Promise<Result>,
    ...args: Args
  ): Promise<Result> {
    const result: Promise<unknown> = this.page.evaluate(work as (...args: unknown[]) => unknown, ...args)
    return within(PATIENCE_MS, result as Promise<Result>, async () => String(work))
  }

  get isGone(): boolean {
    return this.page.isClosed() || this.hasCrashed
  }

  /** It still shows the page: Firefox puts another one in the place of one that died. */
  async isAlive(): Promise<boolean> {
    if (this.isGone) return false
    const answer = this.page.evaluate(() => "lab" in window).catch(() => false)
    return within(1_000, Promise.race([answer, this.crashed.then(() => false)])).catch(() => false)
  }

  /** Its page is the holder of the hub's mutex. */
  leads(): Promise<boolean> {
    return this.evaluate(() => window.lab.leads())
  }

  /** Its renderer dies. Chromium only. */
  async crash(): Promise<void> {
    const session = await this.page.createCDPSession()
    session.send("Page.crash").catch(() => {}) // nobody is left to answer
    await within(PATIENCE_MS, this.crashed, async () => "a crash")
  }

  /** As the browser freezes pages that are long hidden: its tasks wait until it is thawed. Chromium only. */
  async freeze(isFrozen = true): Promise<void> {
    const session = await this.page.createCDPSession()
    await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" })
    await session.detach()
  }

  /** As when it comes back to the front, or online. */
  wake(): Promise<void> {
    return this.evaluate(() => void dispatchEvent(new Event("online")))
  }

  /** Its page is busy for so long and hears nothing. */
  hang(ms: number): Promise<void> {
    return this.evaluate(ms => {
      const { port1, port2 } = new MessageChannel() // hidden pages' timers wait
      port1.addEventListener("message", () => {
        for (const end = performance.now() + ms; performance.now() < end;) continue
      })
      port1.start()
      port2.postMessage(null)
    }, ms)
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  async close(): Promise<void> {
    await within(PATIENCE_MS, this.page.close(), async () => "close the tab")
  }

  /** For whoever has to find out why a test failed. Never rejects. */
  async describe(): Promise<string> {
    if (this.isGone) return "(gone)"
    try {
      const told = await within(1_000, this.page.evaluate("window.lab.told") as Promise<Told[]>)
      const visibility = await within(1_000, this.page.evaluate("document.visibilityState"))
      const hub = await within(2_000, this.page.evaluate("window.lab.consumer?.inspect()")).catch(String)
      return `told ${told.map(shorten).join(" ")}\n${visibility as string}; hub ${JSON.stringify(hub)}`
    } catch (error) {
      return `(no answer: ${String(error)})`
    }
  }
}

/** A message of a live chat as `7`, one that was caught up as `+7`; everything else in full. */
function shorten(told: Told): string {
  if (told.type !== "received") return JSON.stringify(told)
  const { delivery, message } = told
  const before = delivery.late ? `<${delivery.late.before}` : ""
  return `${delivery.source === "catch-up" ? "+" : ""}${delivery.id ?? JSON.stringify(message)}${before}`
}
