// A widget on a customer's site, whose script comes from elsewhere: docs/embedding.md, line by line.

import { afterEach, describe, expect, it } from "vitest"

import type { Inspection } from "../../client/index.ts"
import type { Told } from "./fixture/told.ts"
import { chat, range } from "./lab/chat.ts"
import { Embedding, type Policy } from "./lab/embedding.ts"
import type { Lab } from "./lab/lab.ts"
import { sample, SHARED_WORKERS } from "./lab/place.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(sample(SHARED_WORKERS))("a widget in %s", (_, place) => {
  const lab = useLab(place)
  let embedding: Embedding | undefined

  const embed = async (pages: Readonly<Record<string, Policy>>) => (embedding = await Embedding.start(lab, pages))

  afterEach(() => embedding?.stop())

  /** They all get what is said now, over so many sockets. */
  async function expectShared(tabs: readonly Tab[], host: string, opened = 1): Promise<void> {
    const vendor = embedding?.vendor
    const before = (await vendor?.stats())?.persisted ?? 0
    await vendor?.say(3)
    await Promise.all(tabs.map(tab => tab.untilReceived(before + 3)))
    for (const tab of tabs) expect((await tab.ids()).slice(-3)).toEqual(range(before + 1, before + 3))
    for (const tab of tabs) expect(await tab.inspect()).toMatchObject({ host, tabs: { length: tabs.length } })
    expect(await vendor?.stats()).toMatchObject({ sockets: 1, opened })
  }

  async function trouble(tabs: readonly Tab[]): Promise<Told[]> {
    const told = (await Promise.all(tabs.map(tab => tab.told()))).flat()
    return told.filter(({ type }) => type === "error" || type === "warning")
  }

  it("whose worker the customer serves, as one line that exports it from the CDN, shares one cable", async () => {
    const widget = (await embed({ shop: { worker: "'self' CDN" } })).widget("/trunkline-worker.js")
    const tabs: Tab[] = []
    for (let n = 0; n < 3; n++) {
      tabs.push(await (embedding as Embedding).open("shop", widget))
      await tabs.at(-1)?.untilCaughtUp()
    }
    await expectShared(tabs, "shared-worker")
    expect(await trouble(tabs)).toEqual([])
  })

  it("for which the customer serves nothing shares one worker all the same, made of a blob", async () => {
    const own = await embed({ shop: { worker: "blob: CDN" } })
    const tabs = await Promise.all([1, 2, 3].map(() => own.open("shop", own.widget())))
    await Promise.all(tabs.map(tab => tab.untilCaughtUp()))
    await expectShared(tabs, "shared-worker")
    expect(await blobWorkers(tabs[0] as Tab)).toBe(1)
    expect(await trouble(tabs)).toEqual([])
  })

  it("keeps that worker when the tab goes that made it, and takes later tabs in", async () => {
    const own = await embed({ shop: { worker: "blob: CDN" } })
    const first = await own.open("shop", own.widget())
    await first.untilCaughtUp()
    const second = await own.open("shop", own.widget())
    await second.untilCaughtUp()
    await first.close()
    const third = await own.open("shop", own.widget())
    await third.untilCaughtUp()
    const tabs = [second, third]
    await expectShared(tabs, "shared-worker")
    expect(await blobWorkers(third)).toBe(1)
    expect(await trouble(tabs)).toEqual([])
  })

  it("makes another worker of a blob when the first one's process is killed", async () => {
    const own = await embed({ shop: { worker: "blob: CDN" } })
    const [, ...survivors] = [await open(own), await open(own), await open(own)]
    await lab.killHub()
    await Promise.all(survivors.map(tab => tab.untilCaughtUp(2)))
    await expectShared(survivors, "shared-worker", 2)
    expect(await blobWorkers(survivors[0])).toBe(1)
    expect((await trouble(survivors)).filter(told => told.type === "error")).toEqual([])
  })

  it("on a page that forbids workers has the hub in one of the tabs, with a warning", async () => {
    const own = await embed({ shop: { worker: "'none'" } })
    const tabs = [await open(own), await open(own), await open(own)]
    await expectShared(tabs, "leader-tab")
    const script = `${own.cdn.origin}/dist/worker.js`
    expect(await trouble(tabs)).toEqual(tabs.map(() => ({ type: "warning", text: expect.stringContaining(script) })))
  })

  it("under Trusted Types takes the worker's URL from the application's policy", async () => {
    const own = await embed({
      shop: { worker: "'self' CDN", more: "require-trusted-types-for 'script'; trusted-types app" },
    })
    const tabs: Tab[] = []
    for (let n = 0; n < 2; n++) {
      const tab = await own.open("shop", null)
      await tab.evaluate(options => {
        const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy: (...args: unknown[]) => Policy } }
        type Policy = { createScriptURL: (url: string) => { toString(): string } }
        const policy = trustedTypes.createPolicy("app", { createScriptURL: (url: string) => url })
        const worker = policy.createScriptURL("/trunkline-worker.js")
        window.lab.open({ ...options, consumer: { ...options.consumer, worker } })
      }, own.widget())
      await tab.untilCaughtUp()
      tabs.push(tab)
    }
    await expectShared(tabs, "shared-worker")
    expect(await trouble(tabs)).toEqual([])
  })

  it("under Trusted Types without a policy has the hub in one of the tabs, with a warning", async () => {
    const own = await embed({ shop: { worker: "blob: CDN", more: "require-trusted-types-for 'script'" } })
    const tabs = [await open(own), await open(own)]
    await expectShared(tabs, "leader-tab")
    expect(await trouble(tabs)).toMatchObject([{ type: "warning" }, { type: "warning" }])
  })

  it("in a third-party frame shares with the frames on the same site, and with nobody else", async () => {
    const own = await embed({})
    const [one, other] = [await openFrame(lab, own), await openFrame(lab, own)]
    const top = await lab.open(chat({ after: null }))
    await top.untilCaughtUp()
    await own.vendor.say(2)
    await top.untilReceived(2)
    for (const inspect of [one, other]) {
      expect(await inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 2 } })
    }
    expect(await top.inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 1 } })
    expect(await own.vendor.stats()).toMatchObject({ sockets: 2, opened: 2 })
  })
})

async function open(embedding: Embedding): Promise<Tab> {
  const tab = await embedding.open("shop", embedding.widget())
  await tab.untilCaughtUp()
  return tab
}

/** Workers that were made of a blob and live. */
function blobWorkers(tab: Tab): Promise<number> {
  return tab.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.filter(({ name }) => name?.includes("/script/blob:")).length
  })
}

/** A tab on a site that is not the frame's: `localhost` and `127.0.0.1` are two. */
async function openFrame(lab: Lab, embedding: Embedding): Promise<() => Promise<Inspection>> {
  const tab = await lab.open(null, "frame", `http://localhost:${embedding.customer.port}`)
  const frame = await tab.page.waitForFrame(frame => frame.url().startsWith(embedding.vendor.origin))
  await frame.evaluate(() => window.lab.until(told => told.some(({ type }) => type === "caughtUp")))
  return () => frame.evaluate(() => window.lab.consumer.inspect())
}
