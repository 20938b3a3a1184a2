// One column of the suite: every sentence, against one library in one browser, each in a page of its own.

import type { Page } from "puppeteer-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"

import { end, launch, type Engine, type Running } from "../browser/lab/browser.ts"
import type { Controlled } from "../browser/lab/controlled.ts"
import { Server } from "../browser/lab/server.ts"
import { makeSite, type Site } from "../browser/lab/site.ts"
import { RAILS, type Library } from "./libraries.ts"
import { connection } from "./page/connection.ts"
import { consumer } from "./page/consumer.ts"
import { messages } from "./page/messages.ts"
import type { Sentence } from "./page/sentence.ts"
import { subscriptions } from "./page/subscriptions.ts"

const PARTS: Readonly<Record<string, readonly Sentence[]>> = { consumer, connection, subscriptions, messages }

const PATIENCE_MS = 15_000
/** For what must not happen: ten times what it takes where it does. */
const SHORT_MS = 2_000

const RAILS_CODE = new URL(
  "../../node_modules/@rails/actioncable/app/assets/javascripts/actioncable.esm.js",
  import.meta.url,
)

/** What a column needs of the server behind it. */
export type Stand = Pick<Controlled, "origin" | "until" | "control" | "stop">

/** The embedded one, which keeps every sentence that its clients keep. */
const EMBEDDED = (site: string): Promise<Stand> => Server.start(site)

/** @param start a server that also serves the files of a folder */
export function conform(engine: Engine, library: Library, start = EMBEDDED): void {
  let site: Site
  let running: Running
  let server: Stand
  let page: Page | null = null

  beforeAll(async () => {
    site = makeSite(new URL("page/", import.meta.url), { "rails.js": RAILS_CODE })
    running = await launch(engine)
    server = await start(site.directory)
  })
  afterAll(async () => {
    await end(running)
    await server.stop()
    site.remove()
  })
  /** With the page goes its worker, and every socket. */
  afterEach(async () => {
    await page?.close()
    await server.until(({ sockets }) => sockets === 0)
    await server.control({ heal: true, reset: true })
  })

  async function run(sentence: Sentence): Promise<string | null> {
    page = await running.browser.newPage()
    await page.goto(`${server.origin}/index.html`)
    const patience = isAnnotated(sentence) ? SHORT_MS : PATIENCE_MS
    return page.evaluate(async (...args) => window.conformance(...args), sentence.says, library, patience)
  }

  describe.each(Object.entries(PARTS))("%s", (_, sentences) => {
    const kept = sentences.filter(({ unkept }) => start === EMBEDDED || !unkept)
    it.each(kept.map(sentence => [title(sentence), sentence] as const))("%s", async (_, sentence) => {
      const why = await run(sentence)
      expect({ holds: why === null, why }).toMatchObject({ holds: !isAnnotated(sentence) })
    })
  })

  /** Rails is expected to fail it. */
  function isAnnotated({ rails }: Sentence): boolean {
    return library === RAILS && rails !== undefined
  }

  function title(sentence: Sentence): string {
    return isAnnotated(sentence) ? `NOT ${sentence.says}: ${sentence.rails}` : sentence.says
  }
}
