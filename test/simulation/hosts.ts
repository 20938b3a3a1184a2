// Where hubs live: worker/hub.ts as a model around the real core, and the browser around it, with its locks, its clocks
// and its sleep. A host may die between any two effects; whoever holds the mutex may be robbed of it.

import { BRIDGE_VERSION, type Answer, type Attach, type Batch, type Hello, type Want } from "../../shared/bridge.ts"
import type { WireEntry } from "../../shared/entry.ts"
import { HubCore } from "../../worker/core/hub.ts"
import type { Effect, Event, FetchResult, TabKey } from "../../worker/core/event.ts"
import type { Http } from "./http.ts"
import type { Network, Socket } from "./network.ts"
import { SERVER_EPOCH } from "./server.ts"
import type { Storage, Store } from "./storage.ts"
import type { Task, World } from "./world.ts"

/** One tab's end of a port, as the host knows it. */
export interface Line {
  hello(hello: Hello): void
  deliver(batch: Batch, taken: (ms: number) => void): void
  ask(answered: (answer: Answer | null) => void): void
  /** The host died, or was robbed: the alive lock is free. */
  hostGone(): void
  hasLock(): boolean
  /** Its identity has logged out: what is said after this is for nobody. */
  refused(): void
}

/** What the promises want to know of hosts. */
export interface Observer {
  hears(host: Host, event: Event): void
  /** About to. */
  does(host: Host, effect: Effect): void
  handled(host: Host): void
}

/** Tabs in lockstep are given the same text, and none of them changes what it reads there: it is parsed once. */
class Batches {
  #text = "[]"
  #entries: readonly WireEntry[] = []

  read(text: string): readonly WireEntry[] {
    if (text !== this.#text) {
      this.#entries = JSON.parse(text) as WireEntry[]
      this.#text = text
    }
    return this.#entries
  }
}

export class Browser {
  readonly batches = new Batches()
  readonly world: World
  readonly network: Network
  readonly http: Http
  readonly storage: Storage
  readonly observer: Observer
  /** Called at each effect, before it is done: schedules wait for moments here. */
  trap: ((host: Host, effect: Effect) => void) | null = null
  /** All that is in it stands still until then. */
  asleepUntil = 0
  /** Whether the clock that never jumps goes on while the machine sleeps. */
  readonly clockSleeps: boolean
  #slept = 0
  readonly #waiting: (() => void)[] = []
  /** What somebody added to the wall clock. */
  wallOffset = 0
  readonly hosts = new Set<Host>()
  /** The worker that a page gets who asks for one. */
  #front: Host | null = null
  #mutex: Host | null = null
  readonly #queue: Host[] = []

  constructor(
    world: World,
    parts: { network: Network; http: Http; storage: Storage; observer: Observer; clockSleeps: boolean },
  ) {
    this.world = world
    this.network = parts.network
    this.http = parts.http
    this.storage = parts.storage
    this.observer = parts.observer
    this.clockSleeps = parts.clockSleeps
  }

  now(): number {
    return this.world.now - (this.clockSleeps ? this.#slept : 0)
  }

  wall(): number {
    return SERVER_EPOCH + this.world.now + this.wallOffset
  }

  sleep(ms: number): void {
    const until = this.world.now + ms
    if (until <= this.asleepUntil) return
    const from = Math.max(this.world.now, this.asleepUntil)
    this.asleepUntil = until
    this.world.after(until - this.world.now, () => {
      this.#slept += until - from
    })
  }

  /** Does it now, or when the machine wakes; in order. */
  awake(run: () => void): void {
    const isAsleep = this.world.now < this.asleepUntil
    if (!isAsleep && this.#waiting.length === 0) return run()
    this.#waiting.push(run)
    if (this.#waiting.length === 1) this.#whenAwake()
  }

  #whenAwake(): void {
    this.world.after(this.asleepUntil - this.world.now, () => {
      while (this.#waiting.length > 0) {
        if (this.world.now < this.asleepUntil) return this.#whenAwake()
        this.#waiting.shift()?.()
      }
    })
  }

  after(ms: number, run: () => void): Task {
    return this.world.after(ms, () => this.awake(run))
  }

  /** The holder of the mutex. */
  get active(): Host | null {
    return this.#mutex
  }

  host(): Host {
    if (!this.#front?.isAlive) this.#front = new Host(this)
    return this.#front
  }

  /** A second worker of the same name while the first lives. */
  split(): void {
    this.#front = new Host(this)
  }

  request(host: Host): void {
    this.#queue.push(host)
    this.#grant()
  }

  /** Somebody takes the mutex away: the holder is told, and whoever waits for it gets it. */
  steal(): void {
    const robbed = this.#mutex
    if (!robbed) return
    if (this.#front === robbed) this.#front = new Host(this)
    this.#mutex = null
    robbed.put({ type: "ended" })
    this.#grant()
    robbed.die()
  }

  released(host: Host): void {
    this.hosts.delete(host)
    const index = this.#queue.indexOf(host)
    if (index >= 0) this.#queue.splice(index, 1)
    if (this.#mutex === host) this.#mutex = null
    this.after(2, () => this.#grant())
  }

  #grant(): void {
    if (this.#mutex) return
    this.#mutex = this.#queue.shift() ?? null
    this.#mutex?.begin()
  }
}

type Connected = { line: Line; attached: boolean }

export class Host {
  isAlive = true
  epoch = 0
  /** How many effects it will still do before it dies. */
  fuse = Infinity
  readonly core = new HubCore("rows")
  cable: { number: number; socket: Socket } | null = null
  #heard = 0
  #forgotten = 0
  #keys = 0
  #isHandling = false
  #isTakingEpoch = false
  #alarm: Task | null = null
  readonly #store: Store
  readonly #tabs = new Map<TabKey, Connected>()
  readonly #queue: Event[] = []
  readonly #aborted = new Set<number>()
  readonly #browser: Browser
  readonly #random: () => number

  constructor(browser: Browser) {
    this.#browser = browser
    this.#random = () => browser.world.random()
    this.#store = browser.storage.open()
    browser.hosts.add(this)
    browser.request(this)
  }

  connect(line: Line): TabKey {
    this.#keys += 1
    this.#tabs.set(this.#keys, { line, attached: false })
    line.hello(this.#hello())
    return this.#keys
  }

  /** What a tab calls. */
  attach(tab: TabKey, attach: Attach): void {
    const connected = this.#tabs.get(tab)
    if (!this.isAlive || !connected) return
    if (attach.born > 0 && attach.born <= this.#forgotten) {
      this.put({ type: "tab-gone", tab })
      return connected.line.refused()
    }
    connected.attached = true
    this.#heard = Math.max(this.#heard, attach.epoch)
    this.put({ type: "attached", tab, attach })
    if (this.epoch > 0 && attach.epoch > this.epoch) this.#takeEpoch()
    if (!connected.line.hasLock()) this.gone(tab)
  }

  subscribe(tab: TabKey, want: Want): void {
    this.put({ type: "subscribe", tab, want })
  }

  /** The browser has released this tab's lock. */
  gone(tab: TabKey): void {
    const connected = this.#tabs.get(tab)
    if (!this.isAlive || !connected?.attached) return
    this.put({ type: "tab-gone", tab })
    this.#tabs.delete(tab)
  }

  begin(): void {
    this.#takeEpoch()
  }

  /** Somebody logs out. Nobody of before comes in again, not even while the store is still at it. */
  forget(): void {
    this.#forgotten = Math.max(this.#browser.wall(), this.#heard, this.epoch)
    this.put({ type: "forget" })
    for (const { line } of this.#tabs.values()) line.refused()
    this.#store.forget(this.#forgotten, epoch =>
      this.#browser.awake(() => {
        this.#forgotten = epoch
        if (this.isAlive && this.epoch > 0) this.#takeEpoch()
      }),
    )
  }

  die(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.fuse = 0
    this.#queue.length = 0
    this.cable?.socket.drop()
    const lines = [...this.#tabs.values()]
    this.#browser.released(this)
    for (const { line } of lines) line.hostGone()
  }

  /** One event at a time: what an effect causes at once waits until the effects before it are done. */
  put(event: Event): void {
    if (!this.isAlive) return
    this.#queue.push(event)
    if (this.#isHandling) return
    this.#isHandling = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#handle(next)
    this.#isHandling = false
  }

  #handle(event: Event): void {
    this.#browser.observer.hears(this, event)
    const effects = this.core.handle(event, { now: this.#browser.now(), random: this.#random })
    for (const effect of effects) {
      if (!this.isAlive) return
      this.#browser.observer.does(this, effect)
      this.#browser.trap?.(this, effect)
      this.fuse -= 1
      if (this.fuse <= 0) return this.die()
      this.#do(effect)
    }
    this.#browser.observer.handled(this)
  }

  #do(effect: Effect): void {
    const browser = this.#browser
    switch (effect.type) {
      case "dial":
        return this.#dial(effect.cable)
      case "drop":
        if (this.cable?.number !== effect.cable) return
        this.cable.socket.drop()
        this.cable = null
        return
      case "send":
        if (this.cable?.number === effect.cable) this.cable.socket.send(effect.text)
        return
      case "deliver": {
        const { tab, n, batch } = effect
        this.#tabs.get(tab)?.line.deliver(batch, ms => this.put({ type: "taken", tab, n, ms }))
        return
      }
      case "ask": {
        const { ask } = effect
        this.#tabs.get(effect.tab)?.line.ask(answer => this.put({ type: "answered", ask, answer }))
        return
      }
      case "fetch": {
        const { fetch } = effect
        const answered = (result: FetchResult) => browser.awake(() => this.#fetched(fetch, result))
        browser.http.request(effect.request, answered, () => this.#aborted.has(fetch))
        return
      }
      case "abort":
        this.#aborted.add(effect.fetch)
        return
      case "load": {
        const { key } = effect
        this.#store.load(key, row => browser.awake(() => this.put({ type: "loaded", key, row })))
        return
      }
      case "save": {
        const { key } = effect
        return this.#store.save(key, effect.row, effect.over, row =>
          browser.awake(() => this.put({ type: "refused", key, row })),
        )
      }
      case "flush":
        browser.after(0, () => this.put({ type: "flush" }))
        return
      case "alarm":
        return this.#setAlarm(effect.at)
    }
  }

  #fetched(fetch: number, result: FetchResult): void {
    if (this.#aborted.delete(fetch)) this.put({ type: "fetched", fetch, result: { type: "failed", retryAfter: null } })
    else this.put({ type: "fetched", fetch, result })
  }

  #dial(number: number): void {
    const browser = this.#browser
    const socket = browser.network.dial({
      frame: raw => browser.awake(() => this.put({ type: "frame", cable: number, raw })),
      closed: () => browser.awake(() => this.put({ type: "closed", cable: number, reason: "closed 1006" })),
    })
    this.cable = { number, socket }
  }

  /** Browsers count whole milliseconds: a timer may come a little too early. */
  #setAlarm(at: number | null): void {
    if (this.#alarm) this.#alarm.run = null
    const browser = this.#browser
    this.#alarm =
      at === null ? null : browser.after(Math.max(1, Math.floor(at - browser.now())), () => this.put({ type: "tick" }))
  }

  #takeEpoch(): void {
    if (this.#isTakingEpoch) return
    this.#isTakingEpoch = true
    const browser = this.#browser
    const least = Math.max(browser.wall(), this.#heard + 1)
    this.#store.nextEpoch(least, ({ epoch, forgotten }) =>
      browser.awake(() => {
        if (!this.isAlive) return
        this.#isTakingEpoch = false
        this.#forgotten = Math.max(this.#forgotten, forgotten)
        if (epoch <= Math.max(this.#heard, this.#forgotten)) return this.#takeEpoch()
        this.epoch = epoch
        this.put({ type: "began", epoch })
        for (const { line } of this.#tabs.values()) line.hello(this.#hello())
      }),
    )
  }

  #hello(): Hello {
    const { epoch } = this
    return {
      bridge: BRIDGE_VERSION,
      build: "sim",
      epoch,
      host: "shared-worker",
      state: epoch > 0 ? "active" : "standby",
    }
  }
}
