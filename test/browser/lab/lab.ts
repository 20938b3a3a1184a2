// What every test begins with: a browser for the file, and for each test a server of its own and tabs at it. A test that
// fails says what each tab was told and what the server saw.

import { afterAll, afterEach, beforeAll } from "vitest"

import type { PageOptions } from "../fixture/told.ts"
import { end, launch, type Engine, type Running } from "./browser.ts"
import { addBuild, type Build } from "./build.ts"
import { killWorkers } from "./processes.ts"
import { Server } from "./server.ts"
import { makeSite, type Site } from "./site.ts"
import { Tab } from "./tab.ts"

type Tabs = { 1: [Tab]; 2: [Tab, Tab]; 3: [Tab, Tab, Tab] }

export class Lab {
  #running: Running | undefined
  #site: Site | undefined
  #server: Server | undefined
  #tabs: Tab[] = []

  async begin(engine: Engine): Promise<void> {
    this.#site = makeSite()
    this.#running = await launch(engine)
  }

  async end(): Promise<void> {
    if (this.#running) await end(this.#running)
    this.#site?.remove()
  }

  /** This test's server. Its origin is new, so nothing is stored there and no worker runs. */
  async serve(): Promise<Server> {
    if (!this.#site) throw new Error("The lab has not begun")
    this.#server = await Server.start(this.#site.directory)
    return this.#server
  }

  /** Another build of the package, which the page `<name>` uses. */
  async addBuild(name: string, build: Build): Promise<void> {
    if (!this.#site) throw new Error("The lab has not begun")
    await addBuild(this.#site.directory, name, build)
  }

  /**
   * A new tab, in front of the others. Resolves once the page is loaded. `null`: it does nothing by itself.
   *
   * @param page its name, without `.html`
   */
  async open(options: PageOptions | null, page?: string): Promise<Tab> {
    if (!this.#running || !this.#server) throw new Error("First serve()")
    const tab = await Tab.open(this.#running.browser, this.#server.origin, options, page)
    this.#tabs.push(tab)
    return tab
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

  killWorkers(): void {
    if (this.#running) killWorkers(this.#running.browser)
  }

  async describe(): Promise<string> {
    const tabs = await Promise.all(this.#tabs.map(tab => tab.describe()))
    const stats = await this.#server?.stats().catch(String)
    return [...tabs.map((text, n) => `tab ${n + 1}: ${text}`), `server: ${JSON.stringify(stats)}`].join("\n")
  }

  async clean(): Promise<void> {
    const tabs = this.#tabs.splice(0)
    await Promise.all(tabs.map(async tab => tab.page.isClosed() || tab.close()))
    await this.#server?.stop()
    this.#server = undefined
  }
}

/** To be called within `describe`. */
export function useLab(engine: Engine): Lab {
  const lab = new Lab()
  beforeAll(() => lab.begin(engine))
  afterAll(() => lab.end())
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await lab.describe())
    await lab.clean()
  })
  return lab
}
