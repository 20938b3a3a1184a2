// What every test begins with: a server of its own, and tabs at it in a browser. It can say what each tab was told and what
// the server saw.

import { setTimeout as wait } from "node:timers/promises"

import type { BrowserContext } from "puppeteer-core"

import type { PageOptions } from "../fixture/told.ts"
import type { Running } from "./browser.ts"
import { addBuild, type Build } from "./build.ts"
import type { Place } from "./place.ts"
import { killNetwork, killWorkers, stopWorkers, suspend } from "./processes.ts"
import type { Controlled } from "./controlled.ts"
import { startServer } from "./servers.ts"
import { makeSite, type Site } from "./site.ts"
import { Tab } from "./tab.ts"

type Tabs = { 1: [Tab]; 2: [Tab, Tab]; 3: [Tab, Tab, Tab] }

export class Lab {
  readonly place: Place
  #running: Running | undefined
  #site: Site | undefined
  #server: Controlled | undefined
  #tabs: Tab[] = []
  /** Where further tabs open; otherwise in a window as usual. */
  #privately: BrowserContext | undefined

  constructor(place: Place) {
    this.place = place
  }

  /** @param running a browser of this place's engine; it stays whoever's it is */
  begin(running: Running): void {
    this.#site = makeSite()
    this.#running = running
  }

  end(): void {
    this.#site?.remove()
  }

  /** Where the files are that `serve` serves. */
  get site(): string {
    if (!this.#site) throw new Error("The lab has not begun")
    return this.#site.directory
  }

  /**
   * This test's server. Its origin is new, so nothing is stored there and no worker runs.
   *
   * @param guest an origin whose pages may use it too
   */
  async serve(guest?: string): Promise<Controlled> {
    this.#server = await startServer(this.site, guest)
    return this.#server
  }

  /** Another build of the package, which the page `<name>` uses. */
  async addBuild(name: string, build: Build): Promise<void> {
    await addBuild(this.site, name, build)
  }

  /**
   * A new tab, in front of the others, on this place's host unless told otherwise. Resolves once the page is loaded.
   * `null`: it does nothing by itself.
   *
   * @param page its name, without `.html`
   * @param origin where it is; default: the test's server
   */
  async open(options: PageOptions | null, page?: string, origin = this.#server?.origin): Promise<Tab> {
    if (!this.#running || !origin) throw new Error("First serve()")
    const tab = await Tab.open(this.#privately ?? this.#running.browser, origin, options && this.#placed(options), page)
    this.#tabs.push(tab)
    // A busy Firefox has been seen to leave the one before it in front.
    if (this.place.engine === "firefox") await tab.show()
    return tab
  }

  /** Further tabs of this test open in a private window. Chromium only: Firefox has a preference for it. */
  async goPrivate(): Promise<void> {
    this.#privately = await this.#running?.browser.createBrowserContext()
  }

  /** As the browser's "Duplicate tab" does it: the same address, and a copy of the session storage. */
  async duplicate(tab: Tab): Promise<Tab> {
    if (!this.#running) throw new Error("The lab has not begun")
    const opened = new Promise<Tab>(resolve => tab.page.once("popup", page => page && resolve(Tab.of(page))))
    await tab.evaluate(() => void open(location.href))
    const copy = await opened
    await copy.page.waitForFunction("window.lab", { polling: 50 })
    this.#tabs.push(copy)
    return copy
  }

  #placed(options: PageOptions): PageOptions {
    const { host } = this.place
    return host === "shared-worker" ? options : { ...options, consumer: { host, ...options.consumer } }
  }

  /** Tabs that all show the same, each open before the next one: the first is the one that starts the worker. */
  async openAll<Count extends 1 | 2 | 3>(count: Count, options: PageOptions): Promise<Tabs[Count]> {
    const tabs: Tab[] = []
    for (let n = 1; n <= count; n++) {
      const tab = await this.open(options)
      await tab.untilCaughtUp()
      tabs.push(tab)
    }
    return tabs as Tabs[Count]
  }

  /**
   * The hub dies as in a crash, and with it at least the tab that it was born in.
   *
   * @returns when, in milliseconds since 1970
   */
  async killHub(): Promise<number> {
    if (!this.#running) throw new Error("The lab has not begun")
    const { engine, host } = this.place
    const leader = host === "shared-worker" ? null : await this.leader()
    const now = Date.now()
    if (!leader) killWorkers(this.#running.browser)
    else if (engine === "chromium") await leader.crash()
    else await leader.close() // its process may be that of other tabs, too
    return now
  }

  /** WebKit only. */
  killNetwork(): void {
    if (!this.#running) throw new Error("The lab has not begun")
    killNetwork(this.#running.browser)
  }

  /** As the lid of a laptop: everything in the browser stands still until it is opened again. */
  async sleep(ms: number, meanwhile: () => Promise<unknown>): Promise<void> {
    if (!this.#running) throw new Error("The lab has not begun")
    const wake = suspend(this.#running.browser)
    try {
      await Promise.all([wait(ms), meanwhile()])
    } finally {
      wake()
    }
  }

  /** The hub's process stops, and with it the tabs that live in it; the returned function kills it. Not for leader tabs. */
  stopHub(): () => void {
    if (!this.#running) throw new Error("The lab has not begun")
    return stopWorkers(this.#running.browser)
  }

  /** The tab whose page holds the mutex. */
  async leader(): Promise<Tab> {
    for (const tab of this.#tabs) if (!tab.isGone && (await tab.leads())) return tab
    throw new Error("No tab leads")
  }

  async describe(): Promise<string> {
    const tabs = await Promise.all(this.#tabs.map(tab => tab.describe()))
    const stats = await this.#server?.stats().catch(String)
    return [...tabs.map((text, n) => `tab ${n + 1}: ${text}`), `server: ${JSON.stringify(stats)}`].join("\n")
  }

  async clean(): Promise<void> {
    const tabs = this.#tabs.splice(0)
    await Promise.all(tabs.map(async tab => tab.page.isClosed() || tab.close()))
    await this.#privately?.close()
    this.#privately = undefined
    await this.#server?.stop()
    this.#server = undefined
  }
}
