// One way in: wherever a tab's own host is, and whatever keeps it from having one, it reaches the one hub of its key.

import { describe, expect, it } from "vitest"

import type { ConsumerOptions } from "../../client/index.ts"
import { chat, range } from "./lab/chat.ts"
import { sample, SHARED_WORKERS } from "./lab/place.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

const on = (consumer: ConsumerOptions) => chat({ after: null, consumer })
/** As the worker of another build: another script, hence another worker of the same name. */
const ANOTHER_BUILD = { worker: "/dist/worker.js?another" }

describe.each(sample(SHARED_WORKERS))("tabs of several hosts in %s", (_, place) => {
  const lab = useLab(place)

  it("that came in three ways, by the worker, by another build's and without one, share one cable", async () => {
    const server = await lab.serve()
    const tabs: Tab[] = []
    for (const consumer of [{}, ANOTHER_BUILD, { host: "leader-tab" }] as const) {
      const tab = await lab.open(on(consumer))
      await tab.untilCaughtUp()
      tabs.push(tab)
    }
    await server.say(10)
    await Promise.all(tabs.map(tab => tab.untilReceived(10)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 10))
      expect(await tab.inspect()).toMatchObject({ host: "shared-worker", state: "active", tabs: { length: 3 } })
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1, commands: { length: 1 } })
  })

  it("go over to a waiting hub when theirs goes with its last tab, and miss nothing", async () => {
    const server = await lab.serve()
    const [old] = await lab.openAll(1, on({}))
    const [young] = await lab.openAll(1, on(ANOTHER_BUILD))
    const [guest] = await lab.openAll(1, on({ host: "leader-tab" }))
    const hush = server.chatter(10)
    await young.untilReceived(10)
    await old.close()
    await Promise.all([young, guest].map(tab => tab.untilCaughtUp(2)))
    const ids = [...(await hush()), ...(await server.say(1))]

    await Promise.all([young, guest].map(tab => tab.untilReceived(Math.max(...ids))))
    for (const tab of [young, guest]) {
      expect(await tab.ids()).toEqual(ids)
      expect(await tab.inspect()).toMatchObject({ state: "active", tabs: { length: 2 } })
    }
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 1 })
  })
})

describe.each(sample(SHARED_WORKERS))("a page in %s", (_, place) => {
  const lab = useLab(place)

  const workers: [what: string, url: string][] = [
    ["whose worker cannot be loaded", "/missing.js"],
    ["whose worker says nothing for 3 s", "/silent.js"],
  ]

  it.each(workers)("%s leads itself, with one warning, and shares that with the next", async (_, url) => {
    const server = await lab.serve()
    const tabs = [await lab.open(null), await lab.open(null)] as const
    for (const tab of tabs) {
      const { subscriptions } = on({})
      await tab.evaluate(
        (url, subscriptions) => {
          const worker = (name: string) => new SharedWorker(url, { type: "module", name })
          window.lab.open({ consumer: { identity: "visitor", worker }, subscriptions })
        },
        url,
        subscriptions,
      )
      await tab.untilCaughtUp()
    }
    await server.say(1)
    await Promise.all(tabs.map(tab => tab.untilReceived(1)))

    for (const tab of tabs) {
      expect(await tab.inspect()).toMatchObject({ host: "leader-tab", tabs: { length: 2 } })
      const trouble = (await tab.told()).filter(({ type }) => type === "error" || type === "warning")
      expect(trouble).toMatchObject([{ type: "warning", text: expect.stringContaining("worker.js") }])
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it("that can load no script at all is the guest of another tab's hub", async () => {
    const server = await lab.serve()
    await lab.openAll(1, on({}))
    const guest = await lab.open(on({ worker: "/missing.js" }))
    await guest.untilCaughtUp()
    await server.say(1)
    await guest.untilReceived(1)

    expect(await guest.inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 2 } })
    expect((await guest.told()).filter(({ type }) => type === "error")).toMatchObject([
      { text: expect.stringContaining("/missing.js") },
    ])
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it("whose worker is slow to load more than the hub connects with its first tab", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, on({ worker: "/stub.js" }))
    await server.say(1)
    await Promise.all(tabs.map(tab => tab.untilReceived(1)))

    for (const tab of tabs) expect(await tab.inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 2 } })
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })

  it("on a host of its own has a cable of its own, which closes when the page goes", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, on({ host: "page" }))
    await server.say(1)
    await Promise.all(tabs.map(tab => tab.untilReceived(1)))
    for (const tab of tabs) expect(await tab.inspect()).toMatchObject({ host: "page", tabs: { length: 1 } })
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 2 })

    await tabs[0].page.goto(`${server.origin}/index.html?elsewhere`)
    await server.until(({ sockets }) => sockets === 1)
    await server.say(1)
    await tabs[0].page.goBack()
    await tabs[0].untilReceived(2)
    expect(await tabs[0].ids()).toEqual([1, 2])
    expect(await server.stats()).toMatchObject({ opened: 3, sockets: 2 })
  })

  it("that is duplicated, with its storage, is another tab: both receive, and closing one leaves the other", async () => {
    const server = await lab.serve()
    const [tab] = await lab.openAll(1, on({}))
    const copy = await lab.duplicate(tab)
    await copy.untilCaughtUp()
    await server.say(1)
    await Promise.all([tab, copy].map(each => each.untilReceived(1)))
    expect((await tab.inspect()).tabs).toHaveLength(2)

    await copy.close()
    await server.say(1)
    await tab.untilReceived(2)
    expect(await tab.ids()).toEqual([1, 2])
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })
})
