// Does to a world what a schedule says, one action after the other, and then lets everything heal.

import type { Start } from "../../shared/bridge.ts"
import { rendered } from "../../shared/position.ts"
import { Browser, type Host, type Observer } from "./hosts.ts"
import { Http } from "./http.ts"
import { Network } from "./network.ts"
import { checkBounds } from "./bounds.ts"
import { Broken } from "./broken.ts"
import { Manners } from "./manners.ts"
import { Promises } from "./promises.ts"
import { isFault, type Action, type Schedule, type Setup } from "./schedule.ts"
import { Server, type Row, type Topic } from "./server.ts"
import { Storage } from "./storage.ts"
import { Tab, type Asked, type Witness } from "./tabs.ts"
import { World } from "./world.ts"

/** How long an action waits for its moment. */
const PATIENCE_MS = 1_500
/** Whatever was broken is found within this, once everything works: staleness, back-off, `Retry-After`, timeouts. */
const HEAL_MS = 60_000
const PROBE_MS = 8_000
/** Characters of a line of the diary. */
const LINE = 300

/** Faults of the server and the socket that leave requests and pages alone. */
const GENTLE: ReadonlySet<string> = new Set([
  "kick",
  "crash-node",
  "broker-late",
  "broker-lost",
  "reorder",
  "kill-hub",
  "throw",
])

export type Report = {
  broken: string | null
  events: number
  tabs: number
  faults: number
  requests: number
  received: number
  /** `"fault phase"`: how often. */
  met: Map<string, number>
}

export class Driver {
  readonly world: World
  readonly #setup: Setup
  readonly #network: Network
  readonly #server: Server
  readonly #http: Http
  readonly #storage: Storage
  readonly #browser: Browser
  readonly #promises: Promises
  readonly #manners: Manners
  #handled = 0
  readonly #topics: Topic[]
  readonly #tabs: Tab[] = []
  readonly #met = new Map<string, number>()
  #tabCount = 0
  #faults = 0
  #isPublishing = true
  readonly log: ((line: string) => void) | null

  constructor(setup: Setup, log: ((line: string) => void) | null = null) {
    this.log = log
    this.#setup = setup
    const world = new World(setup.seed)
    this.world = world
    this.#network = new Network(world)
    this.#network.latency = setup.latency
    const identifiers = Array.from({ length: setup.topics }, (_, n) => JSON.stringify({ channel: "Chat", id: n }))
    this.#server = new Server(world, this.#network, setup, identifiers)
    this.#topics = [...this.#server.topics.values()]
    this.#promises = new Promises(world, this.#server, setup)
    this.#http = new Http(world, this.#server, this.#network, request => {
      this.log?.(
        `http ${request.topic.identifier} after ${request.after} limit ${request.limit}: ${JSON.stringify(
          request.result,
        )
          .replace(/"created_at":1800000/g, '"at":')
          .slice(0, LINE)}`,
      )
      this.#promises.asked(request)
    })
    this.#storage = new Storage(world, (key, row, before) => {
      this.log?.(
        `stored ${key} after ${row.position.after} seen ${row.position.seen.slice(-12).join()} epoch ${row.epoch % 1e6} n ${row.n}`,
      )
      this.#promises.written(key, row, before)
    })
    this.#browser = new Browser(world, {
      network: this.#network,
      http: this.#http,
      storage: this.#storage,
      observer: this.#observer(),
      clockSleeps: setup.clockSleeps,
    })
    this.#manners = new Manners(() => this.#browser.now(), setup)
    this.#manners.isMutexHolder = host => this.#browser.active === host
    this.#manners.isCalm = () => this.#promises.isCalm
    this.#manners.openSockets = () => this.#network.sockets.size
    this.#manners.confirmed = identifier => this.#promises.confirmed(identifier)
  }

  #observer(): Observer {
    return {
      hears: (host, event) => {
        this.log?.(`  > ${JSON.stringify(event).slice(0, LINE)}`)
        this.#manners.hears(host, event)
      },
      does: (host, effect) => {
        this.log?.(`  < ${JSON.stringify(effect).slice(0, LINE)}`)
        this.#manners.does(host, effect)
        if (effect.type === "save") this.#promises.saving(effect.row)
      },
      handled: host => {
        this.#handled += 1
        if (this.#handled % 64 === 0) this.#checkBounds(host)
      },
    }
  }

  #witness(): Witness {
    const promises = this.#promises
    return {
      born: sub => promises.born(sub),
      heard: (sub, entry) => promises.heard(sub, entry),
      told: (sub, name, args) => {
        this.log?.(`  ${sub.tab.id} #${sub.number} ${name} ${JSON.stringify(args).slice(0, LINE)}`)
        promises.told(sub, name, args)
      },
    }
  }

  #checkBounds(host: Host): void {
    checkBounds(host, this.#promises.largestPage, this.#setup.reorderFor > 0)
  }

  run({ actions }: Schedule): Report {
    let broken: string | null = null
    try {
      this.#live(actions)
    } catch (error) {
      broken = error instanceof Broken ? error.message : String(error instanceof Error ? error.stack : error)
    }
    return {
      broken,
      events: this.world.events,
      tabs: this.#tabCount,
      faults: this.#faults,
      requests: this.#promises.requests,
      received: this.#promises.received,
      met: this.#met,
    }
  }

  #live(actions: readonly Action[]): void {
    const { setup, world } = { setup: this.#setup, world: this.world }
    for (const topic of this.#topics) for (let n = world.between(0, 6); n > 0; n--) this.#server.persist(topic, NOW)
    this.#run(500)
    for (let n = 0; n < setup.tabs; n++) this.#openTab(n)
    if (setup.traffic > 0) this.#traffic()
    for (const action of actions) this.#step(action)
    this.#run(3_000)
    this.#isPublishing = false
    // What a stalled network or a sleeping machine keeps back belongs to what was done.
    this.#run(Math.max(this.#browser.asleepUntil, this.#network.stalledUntil) - this.world.now + 500)
    this.#heal()
    if (this.#promises.wasRefused) {
      // Who was refused asks again after a reconnect; nobody promises more.
      this.#run(1_000)
      this.#server.kick({ reconnect: true })
    }
    const rows = Math.max(...this.#topics.map(topic => topic.rows.length))
    this.#run(HEAL_MS + setup.reconcileEvery + (rows / setup.limit) * (4 * setup.latency + 100))
    this.#promises.checkNothingLost()
    const probes = new Map(this.#topics.map(topic => [topic, this.#server.persist(topic, NOW)] as const))
    this.#run(PROBE_MS)
    this.#promises.checkHeard(probes)
    this.#promises.checkNothingLost()
    for (const host of this.#browser.hosts) this.#checkBounds(host)
  }

  #run(ms: number): void {
    this.world.run(this.world.now + Math.max(0, ms))
  }

  #step(action: Action): void {
    this.#run(action.wait)
    if (action.at === null) return this.#act(action)
    const waiting = { isOver: false }
    this.#browser.trap = (_, effect) => {
      if (effect.type !== action.at || waiting.isOver) return
      waiting.isOver = true
      this.#act(action)
    }
    for (let waited = 0; waited < PATIENCE_MS && !waiting.isOver; waited += 50) this.#run(50)
    this.#browser.trap = null
    if (!waiting.isOver) this.#act(action)
  }

  #act(action: Action): void {
    this.log?.(`--- ${action.do} ${action.a} ${action.b}`)
    if (isFault(action.do)) this.#meet(action.do)
    this.#do(action)
  }

  /** Which phases of recovery does this fault meet? */
  #meet(fault: string): void {
    this.#faults += 1
    if (!GENTLE.has(fault)) this.#promises.isCalm = false
    for (const { phase } of this.#browser.active?.core.inspect().streams ?? []) {
      const cell = `${fault} ${phase}`
      this.#met.set(cell, (this.#met.get(cell) ?? 0) + 1)
    }
  }

  #do({ do: kind, a, b }: Action): void {
    const world = this.world
    const browser = this.#browser
    const server = this.#server
    const { faults } = server
    const ms = 20 + b * 8
    const tab = this.#tabs[a % Math.max(1, this.#tabs.length)]
    const sub = tab?.subs[b % Math.max(1, tab.subs.length)]
    const topic = this.#topic(a)
    switch (kind) {
      case "cut":
        return this.#network.cut(ms)
      case "stall":
        this.#network.stalledUntil = world.now + ms
        return
      case "half-open":
        return this.#network.halfOpen(a % 2 ? 0 : ms)
      case "refuse":
        this.#network.refusedUntil = world.now + ms
        return this.#network.halfOpen(0)
      case "kick":
        return server.kick(a % 2 ? { reconnect: true } : null)
      case "kick-for-good":
        return server.kick({ reconnect: false })
      case "crash-node":
        return server.crash(a % 2, ms)
      case "unauthorized":
        faults.unauthorized = world.now + ms
        return server.kick(null)
      case "broker-late":
        faults.brokerLate = { until: world.now + 4 * ms, by: 300 + 3 * a }
        return
      case "broker-lost":
        for (const node of server.nodes) node.brokerLostUntil = world.now + ms
        return
      case "unanswered":
        faults.unanswered = world.now + ms
        return
      case "reject":
        faults.rejecting = world.now + ms
        return
      case "reorder":
        faults.reordering = world.now + 4 * ms
        return
      case "http-500":
        return this.#http.fail("500", ms)
      case "http-429":
        return this.#http.fail("429", ms)
      case "http-timeout":
        return this.#http.fail("timeout", ms)
      case "http-garbage":
        return this.#http.fail("garbage", ms)
      case "http-401":
        return this.#http.fail("401", ms)
      case "http-422":
        return this.#http.fail("422", ms)
      case "http-slow":
        return this.#http.fail("slow", ms)
      case "retention":
        return server.forget(topic, b % 4)
      case "storage-failing":
        return this.#storage.fail("failing", ms)
      case "storage-silent":
        return this.#storage.fail("silent", ms)
      case "storage-slow":
        return this.#storage.fail("slow", ms)
      case "evict":
        return this.#storage.evict()
      case "kill-hub":
        return browser.active?.die()
      case "blow-fuse":
        if (browser.active) browser.active.fuse = 1 + (b % 40)
        return
      case "split-hub":
        return browser.split()
      case "steal-mutex":
        return browser.steal()
      case "sleep":
        return browser.sleep(a % 3 ? ms : 20 * ms)
      case "wall-clock":
        browser.wallOffset += (a % 2 ? 1 : -1) * b * 10_000
        return
      case "freeze":
        return tab?.freeze()
      case "park":
        return tab?.park()
      case "crash-tab":
        return tab && this.#closeTab(tab)
      case "slow-tab":
        if (tab) tab.slowness = b
        return
      case "throw":
        if (tab) tab.mood = "throws"
        return
      case "publish":
        return this.#publish(topic)
      case "burst":
        for (let n = 0; n < 2 + (b % 25); n++) this.#publish(topic)
        return
      case "flood":
        // More than a log holds, now and then: it takes a while.
        for (let n = b % 32 ? 30 : 2_200; n > 0; n--) this.#publish(topic, a % 8 ? 0 : 3_000)
        return
      case "garble":
        return server.garble(a)
      case "forget":
        if (b % 3 === 0 && tab?.isAwake) tab.forget()
        return
      case "type":
        return server.whisper(topic)
      case "open":
        return this.#openTab(b)
      case "reload":
        if (tab) this.#closeTab(tab)
        return this.#openTab(b)
      case "close":
        return tab && this.#closeTab(tab)
      case "duplicate":
        if (tab) this.#duplicate(tab)
        return
      case "subscribe":
        if (tab?.isAwake) this.#subscribe(tab, topic, b)
        return
      case "unsubscribe":
        if (tab?.isAwake && sub && sub.number > 0) tab.leave(sub)
        return
      case "leave-in-callback":
        if (tab) tab.mood = "leaves"
        return
      case "churn":
        if (!tab?.isAwake) return
        for (let n = 0; n < 3; n++) tab.leave(this.#subscribe(tab, topic, b + n))
        if (b % 2) this.#subscribe(tab, topic, b)
        return
      case "hide":
        return tab?.show(false)
      case "show":
        return tab?.isParked ? tab.unpark() : tab?.show(true)
      case "thaw":
        return tab?.thaw()
      case "disconnect":
        return tab?.isAwake ? tab.open(false) : undefined
      case "connect":
        return tab?.isAwake ? tab.open(true) : undefined
      case "reopen":
        return tab?.isAwake ? tab.reopen() : undefined
      case "reattach":
        return tab?.isAwake ? tab.again() : undefined
      case "perform":
        if (tab?.isAwake && sub && sub.number > 0) tab.perform(sub)
        return
    }
  }

  #topic(n: number): Topic {
    const topic = this.#topics[n % this.#topics.length]
    if (!topic) throw new Error("a world without topics")
    return topic
  }

  /** Messages that come whatever happens. */
  #traffic(): void {
    const { traffic } = this.#setup
    this.world.after(traffic * (0.5 + this.world.random()), () => {
      if (!this.#isPublishing) return
      this.#publish(this.#topic(this.world.between(0, this.#topics.length)))
      if (this.world.chance(0.1)) this.#server.whisper(this.#topic(0))
      this.#traffic()
    })
  }

  /** @param size characters of text beside what every message has */
  #publish(topic: Topic, size = 0): void {
    const world = this.world
    const { lost, late, settleFor } = this.#setup
    const slow = world.chance(0.03) ? settleFor + world.between(0, 4_000) : world.between(0, settleFor * 0.9)
    const commitAfter = world.chance(late / 100) ? slow : 0
    const row = this.#server.persist(topic, { commitAfter, broadcast: !world.chance(lost / 100), size })
    this.log?.(`persist ${row.id} in ${topic.identifier} visible at ${row.visibleAt}`)
  }

  // Tabs

  #openTab(n: number): void {
    this.#tabCount += 1
    const tab = new Tab(this.#browser, `t${this.#tabCount}`, this.#witness(), this.#setup.credentials)
    this.#tabs.push(tab)
    this.#subscribe(tab, this.#topic(n), n)
    if (n % 3 === 0 && this.#topics.length > 1) this.#subscribe(tab, this.#topic(n + 1), n + 1)
  }

  #closeTab(tab: Tab): void {
    tab.close()
    this.#tabs.splice(this.#tabs.indexOf(tab), 1)
  }

  /** The copy shows what the first one had rendered. */
  #duplicate(tab: Tab): void {
    this.#tabCount += 1
    const copy = new Tab(this.#browser, `t${this.#tabCount}`, this.#witness(), this.#setup.credentials)
    this.#tabs.push(copy)
    for (const { asked } of tab.subs) copy.subscribe(asked)
  }

  #subscribe(tab: Tab, topic: Topic, n: number) {
    const { limit, settleFor, reconcileEvery, holdFor, reorderFor, only } = this.#setup
    const asked: Asked = {
      topic,
      start: this.#start(topic, n),
      catchesUp: n % 11 !== 7,
      settings: { settleFor, reconcileEvery, holdFor, reorderFor },
      limit,
      only,
      timeout: 3_000,
    }
    const sub = tab.subscribe(asked)
    this.log?.(`${tab.id} subscribes #${sub.number} to ${topic.identifier} from ${JSON.stringify(asked.start)}`)
    return sub
  }

  #start(topic: Topic, n: number): Start {
    const rows = topic.visible(this.world.now)
    const last = (count: number) => rows.slice(-count).map((row: Row) => row.id)
    if (this.#setup.starts === "elsewhere") return { from: n % 2 ? "cursor" : "now" }
    if (this.#setup.starts === "mixed" && n % 2) return { from: n % 4 === 3 ? "cursor" : "now" }
    switch (n % 8) {
      case 6:
        return { from: "rendered", position: rendered([]) }
      case 4:
        return { from: "rendered", position: rendered(last(1)) }
      default:
        return { from: "rendered", position: rendered(last(5)) }
    }
  }

  /** Everything that was done to the world ends, and everybody looks at their page. */
  #heal(): void {
    this.log?.("--- heal")
    this.#server.heal()
    this.#http.heal()
    this.#storage.heal()
    // Hubs without the mutex cannot be reached yet: the way in for everybody belongs to the lifecycle.
    for (const host of this.#browser.hosts) if (host !== this.#browser.host()) host.die()
    this.#browser.host().fuse = Infinity
    // A refusal that is under way is final until somebody comes.
    this.#run(1_000)
    for (const tab of this.#tabs) {
      tab.slowness = Math.min(tab.slowness, 30)
      tab.mood = "well"
      tab.unpark()
      tab.thaw()
      tab.show(true)
      tab.open(true)
    }
  }
}

/** Does everything that a schedule says, from the beginning of its world to the end. */
export function simulate(schedule: Schedule, log: ((line: string) => void) | null = null): Report {
  return new Driver(schedule.setup, log).run(schedule)
}

const NOW = { commitAfter: 0, broadcast: true, size: 0 }
