// Pages: client/link.ts and client/session.ts as a model around the real judge of what a subscription is given
// (client/ledger.ts). A page may be frozen, put into the cache, crash, or throw wherever it is called.

import type { Answer, Attach, Batch, CatchUp, Hello, StreamSettings, Want } from "../../shared/bridge.ts"
import type { Start } from "../../shared/bridge.ts"
import type { WireEntry } from "../../shared/entry.ts"
import { Ledger, type Told } from "../../client/ledger.ts"
import type { TabKey } from "../../worker/core/event.ts"
import type { Browser, Host, Line } from "./hosts.ts"
import type { Topic } from "./server.ts"
import type { World } from "./world.ts"

/** What an application asks for. */
export type Asked = {
  topic: Topic
  start: Start
  catchesUp: boolean
  settings: StreamSettings
  limit: number
  timeout: number
  /** Only messages have ids. */
  only: boolean
}

/** Hears everything that any application is told. */
export interface Witness {
  born(sub: Sub): void
  told(sub: Sub, name: keyof Told, args: readonly unknown[]): void
  /** What the hub says; applications hear some of it. */
  heard(sub: Sub, entry: WireEntry): void
}

/** One subscription object of one page. */
export class Sub {
  /** Its name to the hub; 0 while it wants nothing. */
  number = 0
  readonly asked: Asked
  readonly tab: Tab
  readonly ledger: Ledger

  constructor(tab: Tab, asked: Asked, witness: Witness) {
    this.tab = tab
    this.asked = asked
    this.ledger = new Ledger(asked.start, asked.catchesUp, (name, ...args) => {
      if (name === "rejected") tab.leave(this)
      try {
        witness.told(this, name, args)
        if (name === "received") tab.react(this)
      } catch (error) {
        if (!(error instanceof ApplicationError)) throw error
      }
    })
    witness.born(this)
  }
}

/** What an application's callback throws: always the same, because most of an error's cost is its stack. */
class ApplicationError extends Error {}
const APPLICATION_ERROR = new ApplicationError()

export type Mood = "well" | "throws" | "leaves"

/** Nothing said on one port overtakes anything said before it. */
class Port implements Line {
  isClosed = false
  key: TabKey = 0
  #down = 0
  #up = 0
  readonly #tab: Tab
  readonly #browser: Browser
  readonly host: Host

  constructor(tab: Tab, browser: Browser, host: Host) {
    this.#tab = tab
    this.#browser = browser
    this.host = host
  }

  hello(hello: Hello): void {
    this.#toTab(() => this.#tab.onHello(this, hello))
  }

  deliver(batch: Batch, taken: (ms: number) => void): void {
    this.#toTab(() => {
      const ms = this.#tab.deliver(this, batch)
      this.#browser.after(ms, () => this.toHost(() => taken(ms)))
    })
  }

  ask(answered: (answer: Answer | null) => void): void {
    this.#toTab(() => this.toHost(() => answered(this.#tab.answer())))
  }

  hostGone(): void {
    this.#browser.after(this.#browser.world.between(3, 20), () => this.#tab.hear(() => this.#tab.onHostGone(this)))
  }

  hasLock(): boolean {
    return !this.isClosed
  }

  refused(): void {
    this.#toTab(() => this.#tab.onForgotten())
  }

  toHost(run: () => void): void {
    const { world } = this.#browser
    this.#up = Math.max(this.#up, world.now + world.random())
    this.#browser.after(this.#up - world.now, () => {
      if (this.host.isAlive && !this.isClosed) run()
    })
  }

  #toTab(run: () => void): void {
    const { world } = this.#browser
    this.#down = Math.max(this.#down, world.now + world.random())
    this.#browser.after(this.#down - world.now, () =>
      this.#tab.hear(() => {
        if (!this.isClosed) run()
      }),
    )
  }
}

export class Tab {
  isClosed = false
  isFrozen = false
  /** Its identity has logged out: nothing is for it any more. */
  isForgotten = false
  /** In the back/forward cache. */
  isParked = false
  isVisible = true
  /** Milliseconds that its callbacks take per batch. */
  slowness = 0
  mood: Mood = "well"
  wantsCable = true
  readonly subs: Sub[] = []
  readonly id: string
  readonly #members = new Map<number, Sub>()
  readonly #witness: Witness
  readonly #browser: Browser
  readonly #world: World
  #port: Port | null = null
  #isAttached = false
  #isGreeted = false
  #epoch = 0
  #highest = 0
  #born = 0
  #lastNumber = 0
  #inbox: (() => void)[] = []
  readonly #credentials: boolean

  constructor(browser: Browser, id: string, witness: Witness, credentials: boolean) {
    this.#browser = browser
    this.#world = browser.world
    this.#witness = witness
    this.id = id
    this.#credentials = credentials
    this.#dial()
  }

  get isAwake(): boolean {
    return !this.isClosed && !this.isFrozen && !this.isParked
  }

  // What its application does

  subscribe(asked: Asked): Sub {
    const sub = new Sub(this, asked, this.#witness)
    this.subs.push(sub)
    const want = this.#want(sub)
    this.#post((host, key) => host.subscribe(key, want))
    return sub
  }

  leave(sub: Sub): void {
    const { number } = sub
    if (this.#members.delete(number))
      this.#post((host, tab) => host.put({ type: "unsubscribe", tab, subscription: number }))
    sub.number = 0
    sub.ledger.leave()
  }

  /** A callback of the application runs. */
  react(sub: Sub): void {
    if (this.mood === "leaves") {
      this.mood = "well"
      this.leave(sub)
    }
    if (this.mood === "throws") throw APPLICATION_ERROR
  }

  open(wanted: boolean): void {
    this.wantsCable = wanted
    this.#post((host, tab) => host.put({ type: "open", tab, wanted }))
  }

  reopen(): void {
    this.#post((host, tab) => host.put({ type: "reopen", tab }))
  }

  /** `session.reload()`: attaches anew to the same hub. */
  again(): void {
    if (this.#isAttached && this.#port) this.#greet(this.#port)
  }

  perform(sub: Sub): void {
    const { identifier } = sub.asked.topic
    this.#post((host, tab) => host.put({ type: "perform", tab, identifier, data: "{}" }))
  }

  answer(): Answer | null {
    return this.#world.chance(0.8) ? { url: "ws://server/cable", headers: { token: "new" } } : null
  }

  // What its browser does to it

  show(visible: boolean): void {
    this.isVisible = visible
    if (this.isAwake) this.#post((host, tab) => host.put({ type: "wake", tab, visible }))
  }

  freeze(): void {
    this.isFrozen = true
  }

  thaw(): void {
    if (!this.isFrozen) return
    this.isFrozen = false
    const inbox = this.#inbox
    this.#inbox = []
    for (const run of inbox) this.hear(run)
    this.show(this.isVisible)
  }

  /** Into the cache: to the hub this looks like a closed tab. */
  park(): void {
    if (!this.isAwake) return
    this.isParked = true
    this.#close()
  }

  unpark(): void {
    if (!this.isParked) return
    this.isParked = false
    this.#lost()
    this.#dial()
  }

  /** Closed, navigated or crashed: its callbacks never run again. */
  close(): void {
    this.isClosed = true
    this.#close()
    this.#inbox = []
  }

  hear(run: () => void): void {
    if (this.isClosed) return
    if (this.isFrozen) this.#inbox.push(run)
    else run()
  }

  // The link to the hub

  onHello(port: Port, { epoch, state }: Hello): void {
    if (port !== this.#port) return
    if (this.isForgotten) return this.onForgotten()
    this.#isGreeted = true
    this.#lost()
    if (state === "standby") return
    this.#epoch = epoch
    this.#highest = Math.max(this.#highest, epoch)
    this.#born ||= epoch
    this.#greet(port)
  }

  /** For good: an identity that logged out comes back with another page. */
  onForgotten(): void {
    this.isForgotten = true
    for (const sub of this.#members.values()) {
      sub.number = 0
      sub.ledger.finish()
    }
    this.#members.clear()
  }

  /** Its person logs out. */
  forget(): void {
    this.#post(host => host.forget())
  }

  onHostGone(port: Port): void {
    if (port === this.#port) this.#redial()
  }

  deliver(port: Port, { epoch, parts }: Batch): number {
    if (port !== this.#port || !this.#isAttached || epoch !== this.#epoch) return 0
    for (const part of parts) this.#take(part)
    return this.slowness * (0.5 + this.#world.random())
  }

  #take({ subscription, entries, after }: Batch["parts"][number]): void {
    const sub = this.#members.get(subscription)
    if (!sub) return
    for (const entry of this.#browser.batches.read(entries)) {
      this.#witness.heard(sub, entry)
      sub.ledger.take(entry)
      if (sub.number !== subscription) return // a callback left
    }
    if (after !== undefined) sub.ledger.reached(after)
  }

  #dial(): void {
    this.#isGreeted = false
    const browser = this.#browser
    browser.after(browser.world.between(1, 15), () =>
      this.hear(() => {
        if (this.isParked || this.#port) return
        const port = new Port(this, browser, browser.host())
        this.#port = port
        port.key = port.host.connect(port)
        // A worker that never says hello is asked for again.
        browser.after(1_000, () => this.hear(() => port === this.#port && !this.#isGreeted && this.#redial()))
      }),
    )
  }

  #redial(): void {
    this.#close()
    this.#lost()
    this.#dial()
  }

  #greet(port: Port): void {
    this.#lost()
    this.#isAttached = true
    const subs = [...this.#members.values()]
    this.#members.clear()
    const attach: Attach = {
      tab: this.id,
      lock: this.id,
      identity: "somebody",
      url: "ws://server/cable",
      subprotocols: [],
      asks: this.#credentials,
      credentials: this.#credentials,
      open: this.wantsCable,
      visible: this.isVisible,
      epoch: this.#highest,
      born: this.#born,
      settings: { linger: 1_000, maxFrameBytes: 1_048_576 },
      wants: subs.map(sub => this.#want(sub)),
    }
    port.toHost(() => port.host.attach(port.key, attach))
  }

  /** A new number for each asking: what is still on its way for an older one is not for this one. */
  #want(sub: Sub): Want {
    this.#lastNumber += 1
    sub.number = this.#lastNumber
    this.#members.set(sub.number, sub)
    const { topic, settings, catchesUp } = sub.asked
    return {
      subscription: sub.number,
      identifier: topic.identifier,
      start: sub.ledger.nextStart(),
      catchUp: catchesUp ? catchUpOf(sub.asked) : null,
      message: { id: "id", at: "created_at", only: sub.asked.only ? { type: "message" } : null },
      settings,
    }
  }

  #post(run: (host: Host, tab: TabKey) => void): void {
    const port = this.#port
    if (port && this.#isAttached) port.toHost(() => run(port.host, port.key))
  }

  #lost(): void {
    this.#isAttached = false
    for (const { ledger } of this.#members.values()) ledger.take(["disconnected", true])
  }

  /** The port is closed and the lock released; the hub learns of it a little later. */
  #close(): void {
    const port = this.#port
    this.#port = null
    this.#isAttached = false
    if (!port) return
    port.isClosed = true
    this.#browser.after(this.#world.between(5, 40), () => port.host.gone(port.key))
  }
}

function catchUpOf({ topic, limit, timeout }: Asked): CatchUp {
  return {
    url: "https://server/messages",
    params: { topic: topic.identifier },
    headers: {},
    cursorParam: "after_id",
    limitParam: "limit",
    limit,
    timeout,
    messages: "messages",
    hasMore: "has_more",
    cursor: "cursor",
  }
}
