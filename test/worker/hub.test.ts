import { createHash } from "node:crypto"
import { once } from "node:events"
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import type { WebSocket } from "ws"
import { BRIDGE_VERSION, type HostKind, type Want } from "../../shared/bridge.ts"
import { namesOf, rowKey, type HubNames } from "../../shared/identity.ts"
import { Hub } from "../../worker/hub.ts"
import { CHAT, want, type WantOptions } from "./core/support/want.ts"
import { serveCable, type Serving } from "./support/cable-server.ts"
import { Endpoint, json } from "./support/endpoint.ts"
import { ManualClock } from "./support/manual-clock.ts"
import { MapStore } from "./support/map-store.ts"
import { Page } from "./support/page.ts"

let names: HubNames
let store: MapStore
let clock: ManualClock
let reported: unknown[]
let count = 0

beforeEach(() => {
  count += 1
  names = namesOf(`trunkline/1/hub-test-${count}`)
  store = new MapStore()
  clock = new ManualClock()
  reported = []
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error))
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function start(host: HostKind = "page", build = "1.0.0+test"): Hub {
  const hub = new Hub({ host, names, build, clock, store })
  onTestFinished(() => hub.leave())
  hub.enter()
  return hub
}

/** What a subscription without catchUp wants, or one with. */
function wanted(endpoint?: Endpoint, options: WantOptions = {}): Want {
  return want({ catchUp: endpoint ? { url: `${endpoint.url}/messages` } : null, ...options })
}

/** A page on a live cable, whose subscription the server has confirmed. */
async function live(cable: Serving, wants: readonly Want[] = [wanted()], page = new Page(start())) {
  const accepted = cable.accepted()
  await page.attach({ url: cable.url, open: true, wants })
  const { socket } = await accepted
  const sent: string[] = []
  socket.on("message", data => sent.push((data as Buffer).toString()))
  socket.send('{"type":"welcome"}')
  for (const _ of wants) await once(socket, "message")
  for (const { identifier } of wants) say(socket, { identifier, type: "confirm_subscription" })
  await page.hears("connected")
  return { page, socket, sent }
}

function say(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame))
}

describe("hello", () => {
  it("comes first: at once as standby, and again with the epoch once the hub has one", async () => {
    const page = new Page(start())
    const { epoch } = await page.active()
    const hello = { bridge: BRIDGE_VERSION, build: "1.0.0+test", host: "page" }
    expect(page.hellos).toEqual([
      { ...hello, epoch: 0, state: "standby" },
      { ...hello, epoch, state: "active" },
    ])
  })

  it("has an epoch that is at least the wall clock's time (engine rule 17)", async () => {
    const { epoch } = await new Page(start()).active()
    expect(epoch).toBe(clock.wall())
  })

  it("has an epoch that is higher than any before, whatever the clock says", async () => {
    store.epochs.push(9_000_000)
    const { epoch } = await new Page(start()).active()
    expect(epoch).toBe(9_000_001)
  })

  it("is said to each page that dials", async () => {
    const hub = start()
    await new Page(hub).active()
    const later = new Page(hub)
    await later.until(() => later.hellos.length > 0)
    expect(later.hellos).toMatchObject([{ state: "active", epoch: store.epochs.at(-1) }])
  })

  it("is said again with a higher epoch when a page has heard of one (engine rule 17)", async () => {
    const hub = start()
    const [page, other] = [new Page(hub), new Page(hub)]
    await page.attach({ epoch: 5_000_000 })
    await other.until(() => other.hellos.at(-1)?.epoch === 5_000_001)
    await page.until(() => page.hellos.at(-1)?.epoch === 5_000_001)
    await page.attach({ epoch: 5_000_001 })
    await page.hub.inspect()
    expect(store.epochs).toHaveLength(2)
  })

  it("is said with a still higher epoch when a page heard of one while this one was being taken", async () => {
    const hub = start()
    const [page, other] = [new Page(hub), new Page(hub)]
    await Promise.all([page.active(), other.active()])
    let ready = () => {}
    store.ready = new Promise(resolve => (ready = resolve))
    await page.attach({ epoch: 5_000_000 })
    await other.attach({ epoch: 6_000_000 })
    ready()
    await other.until(() => other.hellos.at(-1)?.epoch === 6_000_001)
    expect(other.hellos.map(({ epoch }) => epoch)).not.toContain(5_000_001)
  })

  it("takes an epoch that is no number for none", async () => {
    const page = new Page(start())
    await page.attach({ epoch: Number.NaN })
    await page.attach({ epoch: 5_000_000 })
    await page.until(() => page.hellos.at(-1)?.epoch === 5_000_001)
    expect(store.epochs).toHaveLength(2)
  })
})

describe("an attach", () => {
  it("of another identity is refused, and is told so as data (promise 7)", async () => {
    const hub = start()
    await new Page(hub).attach({ identity: "A" })
    const page = new Page(hub)
    expect(await page.attach({ identity: "B", wants: [wanted()] })).toEqual({
      code: "wrong-identity",
      message: expect.stringMatching(/reload/),
    })
    expect(await page.hub.inspect()).toMatchObject({ tabs: [{ subscriptions: 0 }], streams: [] })
  })

  it("may ask for a digest of the identity on every URL, so that the server can refuse another one's", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    const page = new Page(start())
    const accepted = cable.accepted()
    const own = { identity: "A", identityParam: "for", url: `${cable.url}?token=1` }
    await page.attach({ ...own, open: true, wants: [wanted(endpoint)] })
    const { socket, path } = await accepted
    const digest = createHash("sha256").update("A").digest("hex")
    expect(path).toBe(`/cable?token=1&for=${digest}`)
    socket.send('{"type":"welcome"}')
    await once(socket, "message")
    say(socket, { identifier: CHAT, type: "confirm_subscription" })
    await page.hears("caught-up")
    expect(endpoint.asked).toMatchObject([{ params: { for: digest, after_id: "10" } }])
  })

  it("of the same identity is not", async () => {
    const hub = start()
    expect(await new Page(hub).attach({ identity: "" })).toBeNull()
    expect(await new Page(hub).attach({ identity: "" })).toBeNull()
    expect((await new Page(hub).attach({ identity: "B" }))?.code).toBe("wrong-identity")
  })

  it("on another wire replaces the one before, unless that was overtaken by it", async () => {
    const hub = start()
    const [door, own] = [new Page(hub), new Page(hub)]
    own.tab = door.tab
    await door.attach({ turn: 1, wants: [wanted()] })
    await own.attach({ turn: 3, wants: [wanted()] })
    expect(await own.hub.inspect()).toMatchObject({ tabs: { length: 1 }, streams: [{ subscriptions: 1 }] })
    await door.attach({ turn: 2, wants: [wanted(), wanted(undefined, { subscription: 2 })] })
    expect(await own.hub.inspect()).toMatchObject({ tabs: { length: 1 }, streams: [{ subscriptions: 1 }] })
    await door.attach({ turn: 4, wants: [] })
    expect(await own.hub.inspect()).toMatchObject({ tabs: [{ subscriptions: 0 }] })
  })

  it("again from the same page replaces the one before", async () => {
    const page = new Page(start())
    await page.attach({ wants: [wanted()] })
    await page.attach({ wants: [] })
    expect(await page.hub.inspect()).toMatchObject({ tabs: [{ subscriptions: 0 }] })
  })
})

describe("the way of a frame", () => {
  it("leads through the core to `deliver`, and its reply to the stored row", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    const { page, socket } = await live(cable, [wanted(endpoint)])
    await page.hears("caught-up")
    const key = rowKey(names.rows, CHAT)
    expect(store.rows.get(key)?.position).toEqual({ after: "10", seen: [] })
    const saved = store.saved()
    say(socket, { identifier: CHAT, message: { id: 11 } })
    await page.hears("live")
    clock.advance(50)
    await saved
    expect(store.rows.get(key)).toMatchObject({ position: { after: "10", seen: ["11"] }, epoch: store.epochs[0] })
    expect(page.batches.at(-1)).toMatchObject({ epoch: store.epochs[0], cable: "live" })
  })

  it("is shared by frames that are already there: they go out in one batch", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    const before = page.batches.length
    for (let n = 0; n < 50; n++) say(socket, { identifier: CHAT, message: n })
    await page.until(() => page.heard().length === 51)
    expect(page.batches.length - before).toBeLessThan(25)
    expect(page.heard().slice(1)).toEqual(Array.from({ length: 50 }, (_, n) => ["live", null, null, n]))
  })

  it("leads a page of the endpoint to the tab, with the endpoint's params and headers", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    endpoint.respond = json({ messages: [{ id: 11 }, { id: 12 }] })
    const { page } = await live(cable, [wanted(endpoint)])
    await page.hears("caught-up")
    expect(endpoint.asked).toMatchObject([{ params: { after_id: "10", limit: "200" } }])
    expect(page.heard().map(([type]) => type)).toEqual(["connected", "page", "caught-up"])
  })
})

describe("what a page calls", () => {
  it("goes on the wire: subscribe, perform, and unsubscribe after the linger", async () => {
    const cable = await serveCable()
    const { page, socket, sent } = await live(cable)
    await page.hub.perform(CHAT, '{"action":"speak"}')
    await once(socket, "message")
    await page.hub.unsubscribe(1)
    clock.advance(1_000)
    await once(socket, "message")
    expect(sent.map(text => (JSON.parse(text) as { command: string }).command)).toEqual([
      "subscribe",
      "message",
      "unsubscribe",
    ])
  })

  it("may add a subscription later, and have it confirmed at once where the cable has it", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    await page.hub.subscribe(wanted(undefined, { subscription: 2 }))
    await page.hears("connected", 2)
    say(socket, { identifier: CHAT, message: 1 })
    await page.hears("live", 2)
    expect(page.heard(2)).toEqual([["connected"], ["live", null, null, 1]])
  })

  it("closes the cable when nobody wants it any more, a second later", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    await page.hub.open(false)
    clock.advance(1_000)
    await once(socket, "close")
    expect((await page.hub.inspect()).socket.state).toBe("idle")
  })

  it("renews the cable", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    const again = cable.accepted()
    await page.hub.reopen()
    await Promise.all([once(socket, "close"), again])
    expect((await page.hub.inspect()).socket.state).toBe("opening")
  })

  it("cuts a wait short when it wakes", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    socket.terminate()
    await page.hears("disconnected")
    const again = cable.accepted()
    await page.hub.wake(true)
    expect((await again).path).toBe("/cable")
  })

  it("gives up a request that nobody needs any more", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    let hungUp: Promise<unknown> = Promise.resolve()
    endpoint.respond = response => {
      hungUp = once(response, "close")
    }
    const arrived = endpoint.arrived()
    const { page } = await live(cable, [wanted(endpoint)])
    await arrived
    await page.hub.unsubscribe(1)
    await hungUp
    expect(endpoint.asked).toHaveLength(1)
  })
})

describe("a question of the hub", () => {
  it("reaches the page, and its answer is dialled", async () => {
    const cable = await serveCable()
    const page = new Page(start())
    page.answer = { url: `${cable.url}?token=1`, headers: {} }
    const accepted = cable.accepted()
    await page.attach({ asks: true, open: true })
    expect((await accepted).path).toBe("/cable?token=1")
    expect(page.asked).toEqual([{ reason: "open" }])
  })

  it("that a page cannot answer goes on with what it said before", async () => {
    const cable = await serveCable()
    const page = new Page(start(), { ask: () => Promise.reject(new Error("no credentials today")) })
    const accepted = cable.accepted()
    await page.attach({ url: cable.url, asks: true, open: true })
    expect((await accepted).path).toBe("/cable")
  })
})

describe("alarms", () => {
  it("are one at a time, on the clock that the hub was given", async () => {
    const cable = await serveCable()
    const { socket } = await live(cable)
    expect(clock.alarms).toBe(1)
    const again = cable.accepted()
    clock.advance(6_000) // silence
    await once(socket, "close")
    clock.advance(500)
    await again
    expect(clock.alarms).toBe(1)
  })
})

describe("an event that the core cannot handle", () => {
  it("is reported, and does not stop the queue: the next event is handled", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable)
    await page.hub.subscribe(undefined as unknown as Want)
    expect(reported).toEqual([expect.any(TypeError)])
    say(socket, { identifier: CHAT, message: 1 })
    await page.hears("live")
  })

  it("does no harm, whatever a page sends", async () => {
    const page = new Page(start())
    const call = page.hub as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    await page.attach()
    for (const name of ["subscribe", "unsubscribe", "perform", "open", "wake", "attach"]) {
      await call[name]?.(undefined, null).catch(() => {})
    }
    expect((await page.hub.inspect()).state).toBe("active")
  })
})

describe("inspect", () => {
  it("tells the host, the build, the store, and what the core knows", async () => {
    const page = new Page(start())
    await page.attach({ wants: [wanted()] })
    expect(await page.hub.inspect()).toEqual({
      host: "page",
      build: "1.0.0+test",
      epoch: store.epochs[0],
      state: "active",
      storage: "indexeddb",
      storageError: null,
      socket: { state: "idle", opened: 0, reason: null },
      tabs: [{ visible: true, subscriptions: 1, batchLimit: expect.any(Number), waiting: expect.any(Boolean) }],
      streams: [expect.objectContaining({ channel: "ChatChannel" })],
      counters: expect.any(Object),
    })
  })
})

describe("forget", () => {
  it("ends every subscription for good, closes the cable, and erases the rows of this identity (engine rule 16)", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    const { page, socket } = await live(cable, [wanted(endpoint)])
    await page.hears("caught-up")
    await page.hub.forget()
    await once(socket, "close")
    await page.hears("disconnected")
    expect(page.heard().at(-1)).toEqual(["disconnected", false])
    expect([...store.rows.keys()]).toEqual([])
    expect(store.forgotten).toBe(clock.wall())
  })

  it("begins a new epoch; pages born before are not let in again, and those born since are", async () => {
    const hub = start()
    const page = new Page(hub)
    await page.attach()
    const { epoch: born } = await page.active()
    await page.hub.forget()
    // Said at once, whatever becomes of the hub and its store.
    await page.until(() => page.hellos.some(({ epoch, forgotten = 0 }) => epoch === born && forgotten >= born))
    await page.until(() => (page.hellos.at(-1)?.epoch ?? 0) > born)
    expect(await page.attach({ born })).toEqual({ code: "forgotten", message: expect.stringMatching(/logged out/) })
    expect(await page.attach({ born: born - 1 })).toMatchObject({ code: "forgotten" })
    expect(await page.attach({ born: born + 1 })).toBeNull()
    expect(await new Page(hub).attach({ born: 0 })).toBeNull()
  })
})

describe("a log-out that another hub announces", () => {
  it("is obeyed: the cable closes, and pages born before are refused (engine rule 16)", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable, [wanted()])
    const { epoch: born } = await page.active()
    const other = new Page(start())
    await other.attach()
    await other.hub.forget()
    await once(socket, "close")
    await page.hears("disconnected")
    expect(page.heard().at(-1)).toEqual(["disconnected", false])
    await page.until(() => (page.hellos.at(-1)?.epoch ?? 0) > store.forgotten)
    expect(await page.attach({ born })).toMatchObject({ code: "forgotten" })
  })

  it("is remembered by a hub that waits for the mutex", async () => {
    let release = () => {}
    void navigator.locks.request(names.mutex, () => new Promise<void>(resolve => (release = resolve)))
    const waiting = new Page(start("shared-worker"))
    await waiting.until(() => waiting.hellos.length > 0)
    const other = new Page(start())
    await other.attach()
    await other.hub.forget()
    release()
    await waiting.active()
    expect(await waiting.attach({ born: store.forgotten })).toMatchObject({ code: "forgotten" })
  })
})

describe("a log-out of which only the store knows", () => {
  it("refuses the pages that were born before it, as after a restart of the worker (case 33)", async () => {
    store.forgotten = 3_000_000
    const page = new Page(start())
    const { epoch } = await page.active()
    expect(epoch).toBe(3_000_001)
    expect(await page.attach({ born: 3_000_000 })).toMatchObject({ code: "forgotten" })
    expect(await page.attach({ born: epoch })).toBeNull()
  })
})

describe("a row of another hub", () => {
  it("that stands in the way of a write is what the core goes on from (engine rule 14)", async () => {
    const [cable, endpoint] = [await serveCable(), await Endpoint.start()]
    const { page, socket } = await live(cable, [wanted(endpoint)])
    await page.hears("caught-up")
    const key = rowKey(names.rows, CHAT)
    const foreign = { v: 1, position: { after: "10", seen: ["9"] }, epoch: 5_000_000, n: 1 } as const
    store.rows.set(key, foreign)
    say(socket, { identifier: CHAT, message: { id: 11 } })
    await page.hears("live")
    clock.advance(50)
    say(socket, { identifier: CHAT, message: { id: 12 } })
    await page.until(() => page.heard().length === 4)
    clock.advance(50)
    expect(store.rows.get(key)).toEqual(foreign)
  })
})

describe("a hub in a worker", () => {
  async function holds(name: string): Promise<boolean> {
    const { held = [] } = await navigator.locks.query()
    return held.some(lock => lock.name === name)
  }

  it("holds the mutex, and its alive lock before it says that it is active (engine rule 17)", async () => {
    const page = new Page(start("shared-worker"))
    const { epoch } = await page.active()
    expect(await holds(names.mutex)).toBe(true)
    expect(await holds(names.alive(epoch))).toBe(true)
  })

  it("is standby while another one holds the mutex, and takes its epoch when it is free", async () => {
    let release = () => {}
    const held = new Promise<void>(granted => {
      void navigator.locks.request(names.mutex, () => {
        granted()
        return new Promise<void>(resolve => (release = resolve))
      })
    })
    await held
    const page = new Page(start("shared-worker"))
    await page.until(() => page.hellos.length > 0)
    expect(page.hellos).toMatchObject([{ epoch: 0, state: "standby" }])
    expect(store.epochs).toEqual([])
    release()
    expect(await page.active()).toMatchObject({ epoch: store.epochs[0], host: "shared-worker" })
  })

  it("closes its cable when the mutex is stolen from it, tells its pages, and waits for its turn again", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable, [wanted()], new Page(start("shared-worker")))
    const closed = once(socket, "close")
    let release = () => {}
    onTestFinished(() => release())
    void navigator.locks.request(names.mutex, { steal: true }, () => new Promise<void>(resolve => (release = resolve)))
    await closed
    await page.hears("disconnected")
    expect(page.heard()).toEqual([["connected"], ["disconnected", true]])
    expect(await page.hub.inspect()).toMatchObject({ epoch: 0, state: "standby" })
    const before = store.epochs.at(-1) ?? NaN
    release()
    await page.until(() => (page.hellos.at(-1)?.epoch ?? 0) > before)
    expect(page.hellos.at(-1)?.state).toBe("active")
  })

  it("gives way to a strictly newer build that waits, and stays out of its way (case 9)", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable, [wanted()], new Page(start("shared-worker")))
    const closed = once(socket, "close")
    const newer = new Page(start("shared-worker", "1.0.1+test"))
    await newer.active()
    await closed
    await page.until(() => page.hellos.at(-1)?.state === "standby")
    expect(page.heard().at(-1)).toEqual(["disconnected", true])
    const equal = new Page(start("shared-worker", "1.0.1+other"))
    await equal.until(() => equal.hellos.length > 0)
    await newer.hub.inspect()
    expect(newer.hellos.at(-1)).toMatchObject({ state: "active", build: "1.0.1+test" })
  })

  it("sends its pages to another worker when the database is lost to this one (case 13)", async () => {
    const cable = await serveCable()
    const { page, socket } = await live(cable, [wanted()], new Page(start("shared-worker")))
    const closed = once(socket, "close")
    store.lose()
    await closed
    await page.until(() => page.hellos.at(-1)?.moved === 1)
    expect(page.hellos.at(-1)).toMatchObject({ state: "standby" })
    expect(page.heard().at(-1)).toEqual(["disconnected", true])
    store = new MapStore()
    const replacement = new Page(start("shared-worker"))
    expect((await replacement.active()).moved).toBeUndefined()
  })

  it("that yields lets go of the mutex when its cable is closed at the server too: there are never two", async () => {
    const cable = await serveCable()
    const hub = start("shared-worker")
    const { page, socket } = await live(cable, [wanted()], new Page(hub))
    const next = new Page(start("leader-tab"))
    await next.until(() => next.hellos.length > 0)
    socket.pause() // it does not hear that the hub closes
    hub.yield()
    await page.until(() => page.hellos.at(-1)?.state === "standby")
    expect(await next.hub.inspect()).toMatchObject({ state: "standby" })
    socket.resume()
    expect(await next.active()).toMatchObject({ host: "leader-tab" })
    expect(await page.hub.inspect()).toMatchObject({ state: "standby" })
  })

  it("that yields waits for a second for a server that does not answer", async () => {
    const cable = await serveCable()
    const hub = start("shared-worker")
    const { page, socket } = await live(cable, [wanted()], new Page(hub))
    const next = new Page(start("leader-tab"))
    await next.until(() => next.hellos.length > 0)
    socket.pause()
    onTestFinished(() => socket.resume())
    hub.yield()
    await page.until(() => page.hellos.at(-1)?.state === "standby")
    clock.advance(1_000)
    expect(await next.active()).toMatchObject({ host: "leader-tab" })
  })

  it("speaks to a page that knocks on a channel of the page's own, for as long as that page lives", async () => {
    const hub = start("shared-worker")
    const watching = new Page(hub)
    await watching.attach()
    let leave = () => {}
    const lock = `guest-${count}`
    await new Promise<void>(granted => {
      void navigator.locks.request(lock, () => {
        granted()
        return new Promise<void>(resolve => (leave = resolve))
      })
    })
    const line = `${names.worker}/line/${count}`
    const guest = new Page(line)
    const news = new BroadcastChannel(names.news)
    onTestFinished(() => news.close())
    for (const nonsense of [null, "knock", { type: "knock" }, { type: "knock", line }]) news.postMessage(nonsense)
    news.postMessage({ type: "knock", line, lock })
    expect(await guest.attach({ lock, wants: [wanted()] })).toBeNull()
    expect((await watching.hub.inspect()).tabs).toHaveLength(2)
    leave()
    await navigator.locks.request(lock, () => {})
    await vi.waitFor(async () => expect((await watching.hub.inspect()).tabs).toHaveLength(1))
  })

  it("that leaves is in nobody's way: it waits for no page's lock until it comes back, and then knows who is gone", async () => {
    const hub = start("shared-worker")
    const locks = [`stays-${count}`, `goes-${count}`, `guest-${count}`] as const
    const leave = new Map<string, () => void>()
    await Promise.all(
      locks.map(
        lock =>
          new Promise<void>(granted => {
            void navigator.locks.request(lock, () => {
              granted()
              return new Promise<void>(resolve => leave.set(lock, resolve))
            })
          }),
      ),
    )
    const request = vi.spyOn(navigator.locks, "request")
    const [stays, goes] = [new Page(hub), new Page(hub)]
    await stays.attach({ lock: locks[0] })
    await goes.attach({ lock: locks[1] })
    const line = `${names.worker}/line/${count}`
    const guest = new Page(line)
    const news = new BroadcastChannel(names.news)
    onTestFinished(() => news.close())
    news.postMessage({ type: "knock", line, lock: locks[2] })
    await guest.attach({ lock: locks[2] })
    // Node lists aborted requests as pending.
    const awaited = () => {
      const signals = new Map(request.mock.calls.map(([name, options]) => [name, options.signal]))
      return locks.filter(lock => signals.get(lock)?.aborted === false)
    }
    expect(awaited()).toEqual(locks)

    hub.leave()
    expect(awaited()).toEqual([])
    leave.get(locks[1])?.()
    hub.enter()
    await vi.waitFor(async () => expect((await stays.hub.inspect()).tabs).toHaveLength(1))
    expect(awaited()).toContain(locks[0])
    for (const release of leave.values()) release()
  })

  it("knows that a page is gone by its lock, and forgets it: no heartbeat", async () => {
    const hub = start("shared-worker")
    const watching = new Page(hub)
    await watching.attach()
    let leave = () => {}
    const lock = `tab-${count}`
    await new Promise<void>(granted => {
      void navigator.locks.request(lock, () => {
        granted()
        return new Promise<void>(resolve => (leave = resolve))
      })
    })
    const page = new Page(hub)
    await page.attach({ lock, wants: [wanted()] })
    await page.attach({ lock, wants: [wanted()] })
    expect((await watching.hub.inspect()).tabs).toHaveLength(2)
    leave()
    await navigator.locks.request(lock, () => {})
    expect((await watching.hub.inspect()).tabs).toHaveLength(1)
  })
})

describe("a page", () => {
  it("that never replies is one batch, and keeps nobody waiting", async () => {
    const cable = await serveCable()
    const hub = start()
    const frozen = new Page(hub, { deliver: () => new Promise<never>(() => {}) as never })
    await frozen.attach({ wants: [wanted()] })
    const { page, socket } = await live(cable, [wanted()], new Page(hub))
    say(socket, { identifier: CHAT, message: 1 })
    await page.hears("live")
    expect((await page.hub.inspect()).tabs.map(({ waiting }) => waiting)).toContain(true)
  })

  it("whose port connects twice is one tab, and gets each message once (case 3)", async () => {
    const hub = start()
    const page = new Page(hub)
    await page.active()
    const hellos = page.hellos.length
    hub.connect(page.port)
    await page.until(() => page.hellos.length > hellos)
    await page.attach({ wants: [wanted()] })
    expect((await page.hub.inspect()).tabs).toHaveLength(1)
    expect(page.batches).toHaveLength(1)
  })

  it("whose reply is none of the bridge's has taken its batch all the same", async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", listener)
    onTestFinished(() => void process.off("unhandledRejection", listener))
    const cable = await serveCable()
    const hub = start()
    let given = 0
    const odd = new Page(hub, {
      deliver: () => {
        given += 1
        return undefined as never
      },
    })
    await odd.attach({ wants: [wanted()] })
    const { page, socket } = await live(cable, [wanted()], new Page(hub))
    for (let n = 0; n < 3; n++) {
      say(socket, { identifier: CHAT, message: n })
      await page.until(() => page.heard().length === 2 + n)
    }
    expect(given).toBeGreaterThan(3)
    expect(unhandled).toEqual([])
  })
})

describe("an effect that fails", () => {
  it("does not swallow those behind it: a URL that is none is dialled again", async () => {
    const cable = await serveCable()
    const page = new Page(start())
    await page.attach({ url: "not a URL", open: true })
    await page.until(() => page.batches.at(-1)?.cable === "waiting")
    await page.attach({ url: cable.url, open: true })
    const accepted = cable.accepted()
    clock.advance(10_000)
    expect((await accepted).path).toBe("/cable")
    expect(reported).toEqual([])
  })
})
