import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import type { ConsumerOptions } from "../../client/index.ts"
import type { News, PageHub } from "../../shared/bridge.ts"
import { openPage, pageEvent, settled, type FakePage } from "./support.ts"

/** Stands for worker.js: hands whatever it is given to this test. */
const SCRIPT = `data:text/javascript,export const pageHub = options => globalThis.pageHub(options)`

/** The hub that the page makes of the script is its fake one; notes what it was told. */
function hostInPage(page: FakePage) {
  const given: unknown[] = []
  const orders: string[] = []
  const state = { isActive: true }
  const pageHub = (options: { host: "page" | "leader-tab"; name: string }): PageHub => {
    given.push(options)
    page.hub.hello = { ...page.hub.hello, host: options.host }
    return {
      get isActive() {
        return state.isActive
      },
      connect: port => void page.hub.connect(port, options.name),
      enter: () => orders.push("enter"),
      leave: () => orders.push("leave"),
      yield: () => orders.push("yield"),
    }
  }
  vi.stubGlobal("pageHub", pageHub)
  return { given, orders, state }
}

function connect({ api }: FakePage, options: ConsumerOptions = {}) {
  const consumer = api.createConsumer("/cable", { identity: "ann", worker: SCRIPT, ...options })
  consumer.connect()
  return consumer
}

afterEach(() => vi.useRealTimers())

describe("the host is one of the tabs", () => {
  const failures: [when: string, become: Parameters<FakePage["become"]>[0]][] = [
    [
      "if the SharedWorker's constructor throws",
      () => {
        throw new Error("SecurityError")
      },
    ],
    [
      "if its script cannot be loaded",
      (_port, _name, worker) => setImmediate(() => worker.dispatchEvent(new Event("error"))),
    ],
    ["if nobody says hello within 3 s", () => setImmediate(() => vi.advanceTimersByTime(3_000))],
  ]

  it.each(failures)("%s; one warning names the script", async (_, become) => {
    const page = await openPage()
    const { given } = hostInPage(page)
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    page.become(become)
    connect(page)
    expect(await (await page.hub.port()).attached()).toMatchObject({ open: true })
    expect(given).toMatchObject([{ host: "leader-tab", name: expect.stringMatching(/^trunkline\/1\//) }])
    expect(page.warned).toEqual([expect.stringContaining("data:text/javascript")])
    expect(page.reported).toEqual([])
  })

  it("where there are no SharedWorkers: it queues, and leaves when it is frozen or goes", async () => {
    const page = await openPage()
    vi.stubGlobal("SharedWorker", undefined)
    const { given, orders } = hostInPage(page)
    connect(page)
    await (await page.hub.port()).attached()
    expect(given).toMatchObject([{ host: "leader-tab" }])
    expect(page.warned).toEqual([])
    page.document.dispatchEvent(new Event("freeze"))
    page.document.dispatchEvent(new Event("resume"))
    page.window.dispatchEvent(pageEvent("pagehide"))
    expect(orders).toEqual(["enter", "leave", "enter", "leave"])
    page.document.dispatchEvent(new Event("resume"))
    expect(orders).toHaveLength(4)
  })

  describe("visible, if possible:", () => {
    /** A page that stands for election, and how to tell it news. */
    async function stand() {
      const page = await openPage()
      const host = hostInPage(page)
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
      connect(page, { host: "leader-tab" })
      await (await page.hub.port()).attached()
      const news = new BroadcastChannel(`${(host.given[0] as { name: string }).name}/news`)
      const heard: News[] = []
      news.onmessage = event => heard.push((event as MessageEvent<News>).data)
      onTestFinished(() => news.close())
      const show = (visibilityState: "visible" | "hidden") => {
        page.document.visibilityState = visibilityState
        page.document.dispatchEvent(new Event("visibilitychange"))
      }
      const tell = async (type: "queued" | "weary") => {
        news.postMessage({ type })
        await settled()
      }
      return { ...host, show, tell, heard }
    }

    it("a page that is hidden goes to the end of the queue, and again when a visible one says that it queues", async () => {
      const { orders, state, show, tell } = await stand()
      state.isActive = false
      await tell("queued")
      expect(orders).toEqual(["enter"])
      show("hidden")
      expect(orders).toEqual(["enter", "yield"])
      await tell("queued")
      expect(orders).toEqual(["enter", "yield", "yield"])
    })

    it("a leader stays when it is hidden; after a minute it hands over to a visible page, if one answers", async () => {
      const { orders, show, tell, heard } = await stand()
      show("hidden")
      await tell("queued")
      vi.advanceTimersByTime(59_999)
      await settled()
      expect({ orders, heard }).toEqual({ orders: ["enter"], heard: [] })
      vi.advanceTimersByTime(1)
      await vi.waitFor(() => expect(heard).toEqual([{ type: "weary" }]))
      expect(orders).toEqual(["enter"])
      await tell("queued")
      expect(orders).toEqual(["enter", "yield"])
    })

    it("a visible page answers a weary leader, a hidden one does not", async () => {
      const { show, tell, heard } = await stand()
      await tell("weary")
      await vi.waitFor(() => expect(heard).toEqual([{ type: "queued" }]))
      show("hidden")
      await tell("weary")
      expect(heard).toHaveLength(1)
      show("visible")
      await vi.waitFor(() => expect(heard).toHaveLength(2))
    })
  })

  it("if the application asks for it", async () => {
    const page = await openPage()
    const { given } = hostInPage(page)
    connect(page, { host: "leader-tab" })
    await (await page.hub.port()).attached()
    expect(given).toMatchObject([{ host: "leader-tab" }])
    expect(page.workers).toEqual([])
  })
})

describe("the host is the page itself", () => {
  it("on an insecure origin, which has no locks: with a warning", async () => {
    const page = await openPage()
    vi.stubGlobal("isSecureContext", false)
    vi.stubGlobal("navigator", {})
    page.hub.hold = async () => {}
    const { given, orders } = hostInPage(page)
    connect(page)
    expect(await (await page.hub.port()).attached()).toMatchObject({ lock: null })
    expect(given).toMatchObject([{ host: "page" }])
    expect(page.warned).toEqual([expect.stringContaining("secure context")])
    expect(page.workers).toEqual([])
    page.window.dispatchEvent(pageEvent("pagehide"))
    expect(orders).toEqual(["enter", "leave"])
  })

  it("if the application asks for it", async () => {
    const page = await openPage()
    const { given } = hostInPage(page)
    connect(page, { host: "page" })
    await (await page.hub.port()).attached()
    expect(given).toMatchObject([{ host: "page" }])
    expect(page.workers).toEqual([])
  })

  it("if the application brings its own WebSocket, which the hub is given with the monitor's patience", async () => {
    const page = await openPage()
    const { given } = hostInPage(page)
    const OwnWebSocket = function () {}
    page.api.adapters.WebSocket = OwnWebSocket as never
    page.api.ConnectionMonitor.staleThreshold = 9
    connect(page)
    await (await page.hub.port()).attached()
    expect(given).toMatchObject([{ host: "page", WebSocket: OwnWebSocket, staleAfter: 9_000 }])
    expect(page.workers).toEqual([])
  })
})

describe("when no host is left", () => {
  it("says so, and tries again after a while or when the page wakes", async () => {
    const page = await openPage()
    const worker = "data:text/javascript,throw new Error('broken')"
    page.become(() => {
      throw new Error("SecurityError")
    })
    const consumer = connect(page, { worker })
    await vi.waitFor(() => expect(page.reported).toHaveLength(1))
    expect(page.reported).toMatchObject([{ name: "CableError", code: "worker-failed" }])
    expect(consumer.connection.isActive()).toBe(false)
    page.become((port, name) => void page.hub.connect(port, name))
    page.window.dispatchEvent(new Event("online"))
    expect(await (await page.hub.port()).attached()).toMatchObject({ open: true })
  })

  it("stays with the host that the application forces", async () => {
    const page = await openPage()
    const { given } = hostInPage(page)
    page.become(() => {
      throw new Error("SecurityError")
    })
    connect(page, { host: "shared-worker" })
    await vi.waitFor(() => expect(page.reported).toMatchObject([{ code: "worker-failed" }]))
    await settled()
    expect(given).toEqual([])
  })
})

describe("the SharedWorker", () => {
  it("is the one that the application makes, which is told the name", async () => {
    const page = await openPage()
    connect(page, { worker: (name?: string) => new SharedWorker("/own.js", { ...(name && { name }) }) })
    await (await page.hub.port()).attached()
    expect(page.workers).toEqual([expect.stringMatching(/^trunkline\/1\//)])
    expect(page.warned).toEqual([])
  })

  it("works under another name too, with a warning: its death cannot be noticed", async () => {
    const page = await openPage()
    connect(page, { worker: () => new SharedWorker("/own.js", { name: "its own" }) })
    await vi.waitFor(() => expect(page.warned).toEqual([expect.stringContaining("name")]))
    await (await page.hub.port(2)).attached()
    await settled()
    expect(page.workers).toEqual(["its own", "its own"])
  })

  it("is asked for again while it says nothing, and the first hello wins", async () => {
    const page = await openPage()
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const silent: [MessagePort, string][] = []
    page.become((port, name) => silent.push([port, name]))
    connect(page)
    vi.advanceTimersByTime(1_000)
    expect(silent).toHaveLength(2)
    const [first, second] = silent
    if (!first || !second) throw new Error("unreachable")
    await page.hub.connect(...second)
    await (await page.hub.port()).attached()
    await page.hub.connect(...first)
    await settled()
    expect(page.hub.ports.map(port => port.attaches.length)).toEqual([1, 0])
  })

  it("gets the next name after two seconds, if one that never speaks has the first", async () => {
    const page = await openPage()
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
    page.become((port, name) => {
      page.workers.push(name)
      if (name.endsWith("/r1")) void page.hub.connect(port, name)
    })
    connect(page)
    vi.advanceTimersByTime(1_000)
    await settled()
    vi.advanceTimersByTime(1_000)
    await (await page.hub.port()).attached()
    const [name] = page.workers
    expect(page.workers).toEqual([name, name, `${name}/r1`])
  })
})
