import { describe, expect, it, onTestFinished, vi } from "vitest"
import type { FakePage } from "./support.ts"
import { FakeHub, listener, openPage, pageEvent, settled } from "./support.ts"

const CATCH_UP = { after: null, catchUp: { url: "/messages" } } as const

function subscribe({ api }: FakePage, options: object = CATCH_UP, channel = "ChatChannel") {
  const consumer = api.createConsumer("/cable", { identity: "ann" })
  const { told, mixin } = listener()
  const subscription = consumer.subscriptions.create(channel, mixin, options)
  return { consumer, subscription, told, received: () => told.filter(([name]) => name === "received") }
}

const heldLocks = async () => ((await navigator.locks.query()).held ?? []).map(({ name }) => name)

describe("attaching", () => {
  it("takes the tab's lock first, and tells the hub its name", async () => {
    const page = await openPage()
    subscribe(page)
    const { lock, tab } = await (await page.hub.port()).attached()
    expect(lock).toBe(`trunkline/tab/${tab}`)
    expect(await heldLocks()).toContain(lock)
  })

  it("tells what the page wants, where it stands, and the epochs that it has heard", async () => {
    const page = await openPage()
    subscribe(page, { after: "7", catchUp: { url: "/messages" }, message: { id: "uuid" }, holdFor: 5 })
    expect(await (await page.hub.port()).attached()).toMatchObject({
      identity: "ann",
      url: "wss://example.test/cable",
      open: true,
      visible: true,
      epoch: 1_000,
      born: 1_000,
      settings: { linger: 1_000, maxFrameBytes: 1_048_576 },
      wants: [
        {
          identifier: '{"channel":"ChatChannel"}',
          start: { from: "rendered", position: { after: "7", seen: [] } },
          catchUp: { url: "https://example.test/messages" },
          message: { id: "uuid", at: "created_at", only: null },
          settings: { holdFor: 5 },
        },
      ],
    })
  })

  it("is one for all consumers of one key, and another for another identity or path", async () => {
    const page = await openPage()
    page.api.createConsumer("/cable?token=1", { identity: "ann" }).connect()
    page.api.createConsumer("wss://example.test/cable?token=2#top", { identity: "ann" }).connect()
    page.api.createConsumer("/cable", { identity: "bob" }).connect()
    page.api.createConsumer("/other", { identity: "ann" }).connect()
    await page.hub.port(3)
    expect(new Set(page.workers).size).toBe(3)
    expect(page.workers).toHaveLength(3)
  })

  it("subscribes later subscriptions one by one", async () => {
    const page = await openPage()
    const { consumer } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    consumer.subscriptions.create("OtherChannel")
    expect(await port.called("subscribe")).toMatchObject(["subscribe", { identifier: '{"channel":"OtherChannel"}' }])
    expect(port.attaches).toHaveLength(1)
  })

  it("waits for a standby hub for as long as it takes", async () => {
    const page = await openPage()
    page.hub.hello = { ...page.hub.hello, state: "standby", epoch: 0 }
    subscribe(page)
    const port = await page.hub.port()
    await settled()
    expect(port.attaches).toEqual([])
    page.hub.hello = { ...page.hub.hello, state: "active", epoch: 2_000 }
    await page.hub.hold(`${page.workers[0]}/alive/2000`)
    await port.hello()
    expect(await port.attached()).toMatchObject({ epoch: 2_000, born: 2_000 })
    expect(page.warned).toEqual([])
  })

  it("knocks while its own hub is standby, and is the guest of the active one until that dies or its own hub's turn comes (engine rule 18)", async () => {
    const page = await openPage()
    page.hub.hello = { ...page.hub.hello, state: "standby", epoch: 0 }
    const { received } = subscribe(page)
    const own = await page.hub.port()
    const [worker = ""] = page.workers
    await settled() // nobody hears the first knock
    const elsewhere = new FakeHub()
    onTestFinished(() => elsewhere.die())
    const doors = await elsewhere.openDoor(worker)
    const guest = await elsewhere.port()
    const { lock, epoch } = await guest.attached()
    expect({ lock, epoch }).toEqual({ lock: doors.at(-1)?.lock, epoch: 1_000 })
    await guest.give([["connected"], ["live", "1", null, "a"]])
    expect(own.attaches).toEqual([])

    elsewhere.die()
    page.hub.hello = { ...page.hub.hello, state: "active", epoch: 2_000 }
    await page.hub.hold(`${worker}/alive/2000`)
    await own.hello()
    const { wants } = await own.attached()
    expect(wants[0]?.start).toMatchObject({ position: { seen: ["1"] } })
    await own.give([["connected"], ["live", "2", null, "b"]])
    expect(received().map(([, message]) => message)).toEqual(["a", "b"])
  })

  it("ignores a hello of another bridge", async () => {
    const page = await openPage()
    page.hub.hello = { ...page.hub.hello, bridge: 99 }
    subscribe(page)
    const port = await page.hub.port()
    await settled()
    expect(port.attaches).toEqual([])
  })
})

describe("a batch", () => {
  it("is taken when every callback has returned, and says how long that took", async () => {
    const page = await openPage()
    const { received } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    const taken = await port.give([
      [
        "page",
        ["1", "2"],
        [
          ["1", null, "a"],
          ["2", null, "b"],
        ],
      ],
      ["live", "3", null, "c"],
    ])
    expect(received().map(([, message]) => message)).toEqual(["a", "b", "c"])
    expect(taken.ms).toBeGreaterThanOrEqual(0)
  })

  it("of another epoch is answered and dropped", async () => {
    const page = await openPage()
    const { received } = subscribe(page)
    const port = await page.hub.port()
    const { wants } = await port.attached()
    const parts = [{ subscription: wants[0]?.subscription ?? 0, entries: '[["live","1",null,"a"]]' }]
    expect(await port.deliver({ epoch: 999, parts })).toEqual({ ms: 0 })
    expect(received()).toEqual([])
  })

  it("for somebody who has left, or with text that is no JSON, stops nothing", async () => {
    const page = await openPage()
    const { received } = subscribe(page)
    const port = await page.hub.port()
    const { wants } = await port.attached()
    const subscription = wants[0]?.subscription ?? 0
    await port.deliver({
      parts: [
        { subscription: 12_345, entries: '[["live","1",null,"a"]]' },
        { subscription, entries: "nonsense" },
        { subscription, entries: '[["live","2",null,"b"]]' },
      ],
    })
    expect(received().map(([, message]) => message)).toEqual(["b"])
    expect(page.reported.map(String)).toEqual([expect.stringContaining("SyntaxError")])
  })
})

describe("when the hub dies", () => {
  it("tells the disconnection, dials again and goes on from where each subscription stands", async () => {
    const page = await openPage()
    const { told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.give(
      [
        ["connected"],
        [
          "page",
          ["1", "2"],
          [
            ["1", null, "a"],
            ["2", null, "b"],
          ],
        ],
      ],
      { after: "1" },
    )
    await port.give([
      ["caught-up", null],
      ["live", "3", null, "c"],
    ])
    const first = port.wants.at(-1)

    page.hub.die()
    page.hub.hello = { ...page.hub.hello, epoch: 2_000 }
    const next = await page.hub.port()
    const { wants, epoch, born } = await next.attached()
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: true }])
    expect({ epoch, born }).toEqual({ epoch: 2_000, born: 1_000 })
    expect(wants[0]?.start).toEqual({ from: "position", position: { after: "1", seen: ["2", "3"] } })
    expect(wants[0]?.subscription).not.toBe(first?.subscription)

    await next.give([
      ["connected"],
      [
        "page",
        ["2", "3", "4"],
        [
          ["2", null, "b"],
          ["3", null, "c"],
          ["4", null, "d"],
        ],
      ],
    ])
    await next.give([["caught-up", null]])
    expect(told.slice(-3)).toEqual([
      ["connected", { reconnected: true }],
      ["received", "d", { id: "4", source: "catch-up" }],
      ["caughtUp", { outcome: "recovered", count: 1 }],
    ])
  })

  it("does not see a cable as open until the next hub says so", async () => {
    const page = await openPage()
    const { consumer } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.deliver({ cable: "live" })
    page.hub.die()
    await page.hub.port()
    expect([consumer.connection.isOpen(), consumer.connection.isActive()]).toEqual([false, true])
  })

  it("rejects calls that are under way with a code", async () => {
    const page = await openPage()
    const { consumer } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    page.hub.inspection = new Promise(() => {}) as never
    const call = consumer.inspect()
    await settled()
    page.hub.die()
    await expect(call).rejects.toMatchObject({ name: "CableError", code: "hub-gone" })
  })

  it("tries again every 100 ms if a dying worker takes the connection and says nothing", async () => {
    const page = await openPage()
    subscribe(page)
    await (await page.hub.port()).attached()
    let silent = 2
    page.become((port, name) => {
      if (silent-- > 0) return
      void page.hub.connect(port, name)
    })
    const began = performance.now()
    page.hub.hello = { ...page.hub.hello, epoch: 2_000 }
    page.hub.die()
    expect(await (await page.hub.port()).attached()).toMatchObject({ epoch: 2_000 })
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(page.warned).toEqual([])
  })

  it("dials the next name too after a second in which the dead worker was in the way, and stays with it", async () => {
    const page = await openPage()
    subscribe(page)
    await (await page.hub.port()).attached()
    const [name = ""] = page.workers
    const answering = (isThere: (name: string) => boolean) => (port: MessagePort, name: string) => {
      page.workers.push(name)
      if (isThere(name)) void page.hub.connect(port, name)
    }
    const die = (epoch: number) => {
      page.workers = []
      page.hub.hello = { ...page.hub.hello, epoch }
      page.hub.die()
    }
    page.become(answering(asked => asked !== name))
    const began = performance.now()
    die(2_000)
    expect(await (await page.hub.port()).attached()).toMatchObject({ epoch: 2_000 })
    expect(performance.now() - began).toBeGreaterThan(1_000)
    expect(new Set(page.workers)).toEqual(new Set([name, `${name}/r1`]))

    page.become(answering(() => true))
    die(3_000)
    expect(await (await page.hub.port()).attached()).toMatchObject({ epoch: 3_000 })
    await settled()
    expect(page.workers).toEqual([`${name}/r1`])
    expect(page.warned).toEqual([])
  })
})

describe("a hub that hangs", () => {
  const TIMERS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const

  it("is found out by a page that stays visible: asked every 10 s, it has 10 s to answer", async () => {
    const page = await openPage()
    vi.useFakeTimers({ toFake: [...TIMERS] })
    onTestFinished(() => void vi.useRealTimers())
    const { told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.give([["connected"]])
    vi.advanceTimersByTime(10_000)
    await port.called("ping")
    await settled()
    page.hub.pong = new Promise(() => {})
    vi.advanceTimersByTime(19_999)
    await settled()
    expect(port.calls.filter(([name]) => name === "ping")).toHaveLength(2)
    expect(page.hub.ports).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await (await page.hub.port(2)).attached()
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: true }])
  })

  it("is not asked by a page that nobody looks at", async () => {
    const page = await openPage()
    vi.useFakeTimers({ toFake: [...TIMERS] })
    onTestFinished(() => void vi.useRealTimers())
    subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    page.document.visibilityState = "hidden"
    vi.advanceTimersByTime(60_000)
    await settled()
    expect(port.calls).toEqual([])
  })
})

describe("a hub that has lost its database", () => {
  it("is left for the worker that it names, once", async () => {
    const page = await openPage()
    subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    page.hub.hello = { ...page.hub.hello, epoch: 2_000 }
    void port.hello({ state: "standby", epoch: 0, moved: 1 })
    expect(await (await page.hub.port(2)).attached()).toMatchObject({ epoch: 2_000, born: 1_000 })
    expect(page.workers).toEqual([page.workers[0], `${page.workers[0]}/r1`])
    await (await page.hub.port(2)).hello({ moved: 1 })
    await settled()
    expect(page.workers).toHaveLength(2)
  })
})

describe("a hello that is repeated", () => {
  it("of a worker that was restarted on the same port: attaches anew, from the tab's own positions", async () => {
    const page = await openPage()
    const { told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.give([["connected"], ["live", "5", null, "e"]])
    page.hub.hello = { ...page.hub.hello, epoch: 3_000 }
    await page.hub.hold(`${page.workers[0]}/alive/3000`)
    await port.hello()
    const { wants, epoch } = await port.attached(2)
    expect(epoch).toBe(3_000)
    expect(wants[0]?.start).toEqual({ from: "position", position: { after: null, seen: ["5"] } })
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: true }])
  })

  it("of the same hub: attaches anew, and each message still comes once", async () => {
    const page = await openPage()
    const { received } = subscribe(page)
    const port = await page.hub.port()
    const { wants: before } = await port.attached()
    await port.give([["connected"], ["live", "5", null, "e"]])
    await port.hello()
    await port.attached(2)
    await port.give([
      ["connected"],
      [
        "page",
        ["5", "6"],
        [
          ["5", null, "e"],
          ["6", null, "f"],
        ],
      ],
    ])
    await port.give([["live", "7", null, "g"]], { ...(before[0] && { to: before[0] }) })
    expect(received().map(([, message]) => message)).toEqual(["e", "f"])
  })

  it("says the highest epoch ever heard to a hub that has a lower one", async () => {
    const page = await openPage()
    subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await page.hub.hold(`${page.workers[0]}/alive/500`)
    await port.hello({ epoch: 500 })
    expect(await port.attached(2)).toMatchObject({ epoch: 1_000, born: 1_000 })
  })
})

describe("the page", () => {
  it("leaves its port and lock behind when it goes into the cache, and attaches anew when it comes back", async () => {
    const page = await openPage()
    const { told } = subscribe(page)
    const port = await page.hub.port()
    const { lock, tab } = await port.attached()
    await port.give([["connected"], ["caught-up", null], ["live", "1", null, "a"]])
    page.window.dispatchEvent(pageEvent("pagehide"))
    await settled()
    expect(await heldLocks()).not.toContain(lock)
    expect(told.at(-1)?.[0]).toBe("received")
    expect(port.calls).toEqual([])

    page.window.dispatchEvent(pageEvent("pageshow"))
    const back = await (await page.hub.port(2)).attached()
    expect(back.tab).not.toBe(tab)
    expect(await heldLocks()).toContain(back.lock)
    expect(back.wants[0]?.start).toEqual({ from: "position", position: { after: null, seen: ["1"] } })
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: true }])
  })

  it("tells the hub when it is shown, hidden, thawed, or online again", async () => {
    const page = await openPage()
    subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    page.document.visibilityState = "hidden"
    page.document.dispatchEvent(new Event("visibilitychange"))
    page.window.dispatchEvent(new Event("online"))
    page.document.visibilityState = "visible"
    page.document.dispatchEvent(new Event("visibilitychange"))
    page.document.dispatchEvent(new Event("resume"))
    await port.when(() => port.calls.length === 4)
    expect(port.calls).toEqual([
      ["wake", false],
      ["wake", false],
      ["wake", true],
      ["wake", true],
    ])
  })

  it("connects only once somebody looks at it, if the browser prepared it on suspicion", async () => {
    const page = await openPage()
    page.document.prerendering = true
    subscribe(page)
    await settled()
    expect(page.workers).toEqual([])
    page.document.dispatchEvent(new Event("prerenderingchange"))
    expect((await (await page.hub.port()).attached()).wants).toHaveLength(1)
  })
})

describe("the hub's questions", () => {
  it("are answered by the consumer's credentials, made absolute", async () => {
    const page = await openPage()
    const reasons: string[] = []
    const consumer = page.api.createConsumer("/cable", {
      identity: "ann",
      credentials: async reason => {
        reasons.push(reason)
        return { url: "/cable?token=new", headers: { authorization: "new" } }
      },
    })
    consumer.connect()
    const port = await page.hub.port()
    expect(await port.attached()).toMatchObject({ asks: true, credentials: true })
    expect(await port.tab.ask({ reason: "unauthorized" })).toEqual({
      url: "wss://example.test/cable?token=new",
      headers: { authorization: "new" },
    })
    expect(reasons).toEqual(["unauthorized"])
  })

  it("are answered by the URL function, and by null once nobody wants the cable", async () => {
    const page = await openPage()
    let token = 0
    const consumer = page.api.createConsumer(() => `/cable?token=${token}`, { identity: "ann" })
    consumer.connect()
    const port = await page.hub.port()
    await port.attached()
    token = 7
    expect(await port.tab.ask({ reason: "open" })).toEqual({ url: "wss://example.test/cable?token=7", headers: {} })
    consumer.disconnect()
    expect(await port.tab.ask({ reason: "open" })).toBeNull()
  })

  it("are answered by null if the page's function fails, which is reported", async () => {
    const page = await openPage()
    const credentials = () => Promise.reject(new Error("no session"))
    page.api.createConsumer("/cable", { identity: "ann", credentials }).connect()
    const port = await page.hub.port()
    await port.attached()
    expect(await port.tab.ask({ reason: "rejected" })).toBeNull()
    expect(page.reported.map(String)).toEqual(["Error: no session"])
  })
})

describe("inspect()", () => {
  it("asks the hub, before anything is wanted too, and opens no cable for it", async () => {
    const page = await openPage()
    const consumer = page.api.createConsumer("/cable", { identity: "ann" })
    expect(await consumer.inspect()).toEqual(page.hub.inspection)
    expect((await page.hub.port()).attaches).toMatchObject([{ open: false, wants: [] }])
    expect(consumer.connection.getState()).toBeNull()
  })
})

describe("forget()", () => {
  it("is done when the hub has forgotten; every subscription ends, and the consumer with it", async () => {
    const page = await openPage()
    const { consumer, told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.give([["connected"]])
    // A real hub begins a new epoch before it answers.
    page.hub.onForget = from => from.hello({ epoch: 2_000 })
    await consumer.forget()
    expect(port.calls).toEqual([["forget"]])
    expect(port.attaches).toHaveLength(1)
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: false }])
    expect(consumer.connect()).toBe(false)
    await expect(consumer.inspect()).rejects.toMatchObject({ code: "forgotten" })

    const late = listener()
    consumer.subscriptions.create("ChatChannel", late.mixin)
    await settled()
    expect(late.told).toEqual([["initialized"], ["disconnected", { willAttemptReconnect: false }]])
    expect(page.workers).toHaveLength(1)
  })

  it("leaves room for a new consumer of the same identity, with a birth of its own", async () => {
    const page = await openPage()
    const { consumer } = subscribe(page)
    await (await page.hub.port()).attached()
    await consumer.forget()
    page.hub.hello = { ...page.hub.hello, epoch: 2_000 }
    subscribe(page)
    expect(await (await page.hub.port(2)).attached()).toMatchObject({ epoch: 2_000, born: 2_000 })
  })

  it("elsewhere ends a page that comes back from the cache: it opens nothing", async () => {
    const page = await openPage()
    const { told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    await port.give([["connected"]])
    page.window.dispatchEvent(pageEvent("pagehide"))
    page.hub.refusal = { code: "forgotten", message: "logged out" }
    page.window.dispatchEvent(pageEvent("pageshow"))
    await (await page.hub.port(2)).attached()
    await vi.waitFor(() => expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: false }]))
    page.window.dispatchEvent(pageEvent("pagehide"))
    page.window.dispatchEvent(pageEvent("pageshow"))
    await settled()
    expect(page.workers).toHaveLength(2)
    expect(page.reported).toEqual([])
  })

  it("ends the page all the same if the hub cannot be reached, and says so", async () => {
    const page = await openPage()
    const { consumer, told } = subscribe(page)
    const port = await page.hub.port()
    await port.attached()
    page.hub.onForget = () => new Promise(() => {})
    vi.useFakeTimers({ toFake: ["setTimeout"] })
    const forgotten = consumer.forget().catch((error: unknown) => error)
    await port.called("forget")
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    expect(await forgotten).toMatchObject({ code: "hub-gone" })
    expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: false }])
  })
})

describe("a hub of somebody else", () => {
  it("ends the session and says why", async () => {
    const page = await openPage()
    page.hub.refusal = { code: "wrong-identity", message: "This hub belongs to somebody else." }
    const { told } = subscribe(page)
    await (await page.hub.port()).attached()
    await vi.waitFor(() => expect(told.at(-1)).toEqual(["disconnected", { willAttemptReconnect: false }]))
    expect(page.reported).toMatchObject([{ name: "CableError", code: "wrong-identity" }])
  })
})
