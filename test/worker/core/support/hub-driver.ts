// A world of one hub core: its events are put in by hand, its effects are kept until a test asks for them, and time
// passes when it is told to. What the shell does at once (a flush, a tick that is due) happens by itself.

import { rowKey } from "../../../../shared/identity.ts"
import type { Answer, Attach, StreamInspection } from "../../../../shared/bridge.ts"
import type { Command } from "../../../../shared/frame.ts"
import type { Effect, Event, FetchResult, PageRequest, Row } from "../../../../worker/core/event.ts"
import { HubCore } from "../../../../worker/core/hub.ts"
import { TabDriver } from "./tab-driver.ts"
import { CHAT, want, type WantOptions } from "./want.ts"

export const URL = "wss://example.test/cable"
/** The server's time when the hub's clock is at 0. */
export const SERVER_EPOCH = Date.UTC(2026, 0, 1)
export const BEAT_MS = 3_000
/** No test needs more; a core that asks for more is going round in circles. */
const MOST_TICKS = 5_000
const MOST_REPLIES = 5_000

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>
export type Fetch = PageRequest & { fetch: number }
/** Ids stand for messages that are an hour old; anything else is the message itself. */
export type Item = string | object
export type AttachOptions = Partial<Attach> & { frozen?: boolean; key?: number }

export class HubDriver {
  /** Milliseconds of the hub's clock. */
  now = 0
  /** What chance says, always. */
  random = 0.5
  /** False: a flush waits for the test to send it. */
  flushes = true
  alarm: number | null = null
  readonly core: HubCore
  readonly tabs = new Map<number, TabDriver>()
  readonly fetches: Fetch[] = []
  #effects: Effect[] = []
  #cable: number | null = null
  #keys = 0
  #isFlushDue = false

  /**
   * @param epoch `null`: the hub has not been granted the mutex
   * @param staleAfter milliseconds of silence; by default two missed pings
   * @param hasTimers false: as in a page
   */
  constructor(epoch: number | null = 1, staleAfter?: number, hasTimers?: boolean) {
    this.core = new HubCore("rows", staleAfter, hasTimers)
    if (epoch !== null) this.put({ type: "began", epoch })
  }

  // Events

  /** One event, and whatever the shell and the tabs do about it at once. */
  put(event: Event): void {
    this.#handle(event)
    for (let replies = 0; ; replies++) {
      if (replies > MOST_REPLIES) throw new Error("the tabs are never done")
      if (this.#isFlushDue && this.flushes) {
        this.flush()
        continue
      }
      const taking = [...this.tabs.values()].find(tab => tab.isTaking)
      if (!taking) return
      this.#handle(taking.reply())
    }
  }

  flush(): void {
    this.#isFlushDue = false
    this.#handle({ type: "flush" })
  }

  attach({ frozen = false, key, ...attach }: AttachOptions = {}): TabDriver {
    const tab = key === undefined ? new TabDriver((this.#keys += 1), event => this.put(event)) : this.tab(key)
    tab.isFrozen = frozen
    this.tabs.set(tab.key, tab)
    this.put({ type: "attached", tab: tab.key, attach: { ...ATTACH, tab: `tab ${tab.key}`, ...attach } })
    return tab
  }

  /** One tab with one subscription, on a live cable, confirmed and caught up with nothing new. */
  attachLive(options: WantOptions = {}, attach: AttachOptions = {}): TabDriver {
    const tab = this.attach({ wants: [want(options)], ...attach })
    this.welcome()
    this.confirm()
    this.loaded(null)
    if (this.fetches.length > 0) this.page([])
    tab.heard()
    return tab
  }

  /** One tab that starts now, on a live cable and confirmed, at an endpoint that does not say where now is: nobody knows its place. */
  attachLost(): TabDriver {
    const tab = this.attach({ wants: [want({ after: "now" })] })
    this.fail()
    this.welcome()
    this.confirm()
    return tab
  }

  /** The socket opens, and the server is as quick with its first beat as with its welcome. */
  welcome(): void {
    this.frame({ type: "welcome" })
    this.ping()
  }

  ping(): void {
    this.frame({ type: "ping", message: Math.floor((SERVER_EPOCH + this.now) / 1_000) })
  }

  confirm(identifier = CHAT): void {
    this.frame({ identifier, type: "confirm_subscription" })
  }

  reject(identifier = CHAT): void {
    this.frame({ identifier, type: "reject_subscription" })
  }

  /** A persisted message is broadcast, created just now. */
  live(id: string, message: object = {}, identifier = CHAT): void {
    this.frame({ identifier, message: { id, created_at: SERVER_EPOCH + this.now, ...message } })
  }

  /** @param raw an object is sent as JSON */
  frame(raw: unknown, cable = this.cable): void {
    const text = typeof raw === "object" && raw !== null ? JSON.stringify(raw) : raw
    this.put({ type: "frame", cable, raw: text })
  }

  close(cable = this.cable): void {
    this.put({ type: "closed", cable, reason: "closed 1006" })
  }

  /** Lost, and at once open again. */
  reconnect(): void {
    this.close()
    this.pass(500)
    this.welcome()
  }

  /** The endpoint answers the oldest request that is open. */
  page(items: readonly Item[], { more = false, cursor }: { more?: boolean | null; cursor?: string | null } = {}): void {
    const messages = items.map(item => (typeof item === "string" ? this.message(item, 3_600_000) : item))
    this.answer({ type: "page", messages, hasMore: more, cursor })
  }

  /** A message that is so many milliseconds old by the server's clock. */
  message(id: string, age: number): object {
    return { id, created_at: SERVER_EPOCH + this.now - age }
  }

  /** The request that is open, if there is exactly one. */
  get fetch(): Fetch {
    const [fetch] = this.fetches
    if (!fetch || this.fetches.length > 1) throw new Error(`${this.fetches.length} requests are open`)
    return fetch
  }

  answer(result: FetchResult, fetch = this.fetches[0]?.fetch): void {
    if (fetch === undefined) throw new Error("nothing was asked")
    const index = this.fetches.findIndex(open => open.fetch === fetch)
    if (index >= 0) this.fetches.splice(index, 1)
    this.put({ type: "fetched", fetch, result })
  }

  fail(retryAfter: number | null = null): void {
    this.answer({ type: "failed", retryAfter })
  }

  refuse(): void {
    this.answer({ type: "unauthorized" })
  }

  gone(): void {
    this.answer({ type: "gone" })
  }

  loaded(row: Row | null | "failed", identifier = CHAT): void {
    this.put({ type: "loaded", key: rowKey("rows", identifier), row })
  }

  /** A tab answers what it was asked last. */
  reply(answer: Answer | null, ask = this.lastAsk): void {
    this.put({ type: "answered", ask, answer })
  }

  lastAsk = 0

  // Time

  /** Time passes on a healthy cable: the server beats. */
  pass(ms: number): void {
    this.#run(this.now + ms, true)
  }

  /** Time passes, and nothing is heard from the server. */
  silence(ms: number): void {
    this.#run(this.now + ms, false)
  }

  /** The machine sleeps: no alarm rings until it wakes. */
  sleep(ms: number): void {
    this.now += ms
    if (this.alarm !== null && this.alarm <= this.now) this.#tick()
  }

  /** An alarm rings once. */
  #tick(): void {
    this.alarm = null
    this.put({ type: "tick" })
  }

  #run(until: number, beats: boolean): void {
    let ticks = 0
    for (;;) {
      ticks += 1
      if (ticks > MOST_TICKS)
        throw new Error(`the hub never rests: its alarm is still at ${this.alarm}, now ${this.now}`)
      const beat = beats && this.state === "live" ? (Math.floor(this.now / BEAT_MS) + 1) * BEAT_MS : Infinity
      const next = Math.min(this.alarm ?? Infinity, beat)
      if (next > until) break
      this.now = Math.max(this.now, next)
      if (next === beat) this.ping()
      else this.#tick()
    }
    this.now = until
  }

  // What is seen of it

  get cable(): number {
    if (this.#cable === null) throw new Error("no cable was dialled")
    return this.#cable
  }

  get state(): string {
    return this.core.inspect().socket.state
  }

  get counters(): Readonly<Record<string, number>> {
    return this.core.inspect().counters
  }

  stream(identifier = CHAT): StreamInspection {
    const { channel, id } = JSON.parse(identifier) as { channel: string; id: number }
    const streams = this.core.inspect().streams.filter(stream => stream.channel === channel)
    const [stream] = streams
    if (!stream) throw new Error(`no stream for ${channel} ${id}`)
    return stream
  }

  /** The effects of one kind since the last call. */
  drain<T extends Effect["type"]>(type: T): Of<T>[] {
    const drained = this.#effects.filter((effect): effect is Of<T> => effect.type === type)
    this.#effects = this.#effects.filter(effect => effect.type !== type)
    return drained
  }

  /** The commands on the wire since the last call, of one identifier, by name. */
  sent(identifier = CHAT): string[] {
    return this.commands(identifier).map(({ command }) => command)
  }

  commands(identifier = CHAT): Command[] {
    const isOurs = (text: string) => (JSON.parse(text) as Command).identifier === identifier
    const sent = this.#effects.filter((effect): effect is Of<"send"> => effect.type === "send" && isOurs(effect.text))
    this.#effects = this.#effects.filter(effect => !sent.includes(effect as Of<"send">))
    return sent.map(effect => JSON.parse(effect.text) as Command)
  }

  /** The rows written since the last call. */
  saved(): Row[] {
    return this.drain("save").map(({ row }) => row)
  }

  tab(key: number): TabDriver {
    const tab = this.tabs.get(key)
    if (!tab) throw new Error(`no tab ${key}`)
    return tab
  }

  #handle(event: Event): void {
    const effects = this.core.handle(event, { now: this.now, random: () => this.random })
    this.#effects.push(...effects)
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case "dial":
        this.#cable = effect.cable
        return
      case "deliver":
        return this.tabs.get(effect.tab)?.receive(effect.n, effect.batch)
      case "ask":
        this.lastAsk = effect.ask
        return
      case "fetch":
        this.fetches.push({ fetch: effect.fetch, ...effect.request })
        return
      case "abort":
        this.fetches.splice(
          this.fetches.findIndex(({ fetch }) => fetch === effect.fetch),
          1,
        )
        return
      case "flush":
        this.#isFlushDue = true
        return
      case "alarm":
        this.alarm = effect.at
        return
      case "drop":
      case "send":
      case "load":
      case "save":
        return
    }
  }
}

const ATTACH: Attach = {
  tab: "",
  lock: null,
  identity: "somebody",
  url: URL,
  subprotocols: [],
  asks: false,
  credentials: false,
  open: true,
  visible: true,
  epoch: 0,
  born: 0,
  settings: { linger: 1_000, maxFrameBytes: 1_048_576 },
  wants: [],
}
