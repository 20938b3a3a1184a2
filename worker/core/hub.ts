// Routes each event to the nouns that it concerns and collects what they want done. No rule of delivery lives here.

import type { Attach, HubSettings, StreamInspection, Want } from "../../shared/bridge.ts"
import { parseFrame } from "../../shared/frame.ts"
import type { Position } from "../../shared/position.ts"
import { Channels } from "./channels.ts"
import { Cable } from "./connection.ts"
import { Context } from "./context.ts"
import { Credentials } from "./credentials.ts"
import type { Effect, Event, Moment, Row, TabKey } from "./event.ts"
import { Fetches } from "./page-ask.ts"
import { Tab } from "./tab.ts"

export type CoreInspection = {
  socket: { state: Cable["state"]; opened: number; reason: string | null }
  tabs: readonly { visible: boolean; subscriptions: number; batchLimit: number; waiting: boolean }[]
  streams: readonly StreamInspection[]
  counters: Readonly<Record<string, number>>
}

/**
 * Memory: streams × (log + ids) + subscriptions, whatever has passed and however long a tab is frozen or offline. In bytes, at
 * most, as Node counts them (`npm run bench:heap`):
 *
 * - a log: 1,000 messages or 2 Mi characters, of one byte each or two, those held back included; and its newest page whole,
 *   which is at most the `limit` that was asked for
 * - ids: 1,000 and a page in the log, 2,048 `seen`, 512 `behind`, 34,816 `taken`: some 80 each, together 3 MB; a stream of
 *   less than 400 messages a second has none of the last
 * - a subscription, with its tab: 1,300; while it replays, a page of its own
 * - per tab one batch under way: 512 messages or 256 Ki characters, which tabs in lockstep share
 *
 * `inspect()` shows what there is of each.
 */
export class HubCore {
  #epoch = 0
  /** Holds the mutex: may open a cable and write rows. */
  #isActive = false
  #writes = 0
  #opened = 0
  /** By the first attach. */
  #settings: HubSettings | null = null
  #alarm: number | null = null
  readonly #ctx = new Context()
  readonly #credentials = new Credentials(this.#ctx, tab => this.#isVisible(tab))
  readonly #fetches = new Fetches()
  readonly #tabs = new Map<TabKey, Tab>()
  readonly #channels: Channels
  readonly #idleTimer = this.#ctx.timer(() => this.#cable.want(false))
  readonly #cable = new Cable(this.#ctx, this.#credentials, {
    live: () => this.#onLive(),
    lost: will => this.#channels.cableLost(will),
    changed: () => this.#ctx.flush(),
  })

  /**
   * @param rows prefix of the database keys: a digest of URL and identity
   * @param staleAfter milliseconds of silence after which a cable is dead; by default two missed pings
   * @param hasTimers alarms come in time, and not only once a minute
   */
  constructor(rows: string, staleAfter?: number, hasTimers = true) {
    this.#channels = new Channels(this.#ctx, rows, {
      fetches: this.#fetches,
      credentials: this.#credentials,
      linger: () => this.#settings?.linger ?? 0,
      send: text => this.#cable.send(text),
      save: (key, position, over) => this.#save(key, position, over),
      isVisible: tab => this.#isVisible(tab),
    })
    this.#ctx.pace.hasTimers = hasTimers
    if (staleAfter) this.#cable.staleAfter = staleAfter
  }

  /** One event in, its effects out. Never throws for anything that a server or a tab sends. */
  handle(event: Event, { now, random }: Moment): Effect[] {
    this.#ctx.now = now
    this.#ctx.random = random
    this.#on(event)
    const next = this.#ctx.timers.next()
    if (next !== this.#alarm) {
      this.#alarm = next
      this.#ctx.emit({ type: "alarm", at: next })
    }
    return this.#ctx.take()
  }

  inspect(): CoreInspection {
    return {
      socket: { state: this.#cable.state, opened: this.#opened, reason: this.#cable.reason },
      tabs: [...this.#tabs.values()].map(tab => ({
        visible: tab.visible,
        subscriptions: tab.seats.size,
        batchLimit: tab.limit,
        waiting: tab.isWaiting,
      })),
      streams: [...this.#channels].map(channel => channel.inspect()),
      counters: { ...this.#ctx.counters },
    }
  }

  #on(event: Event): void {
    switch (event.type) {
      case "began":
        this.#epoch = event.epoch
        this.#isActive = true
        for (const { stream } of this.#channels) stream.onBegan()
        return this.#wantCable()
      case "ended":
        return this.#end(true)
      case "attached":
        return this.#attach(event.tab, event.attach)
      case "tab-gone":
        return this.#detach(event.tab)
      case "subscribe":
        return this.#subscribe(event.tab, event.want)
      case "unsubscribe":
        return this.#unsubscribe(event.tab, event.subscription)
      case "perform":
        return this.#channels.get(event.identifier)?.server.perform(event.data)
      case "open":
        return this.#onOpen(event.tab, event.wanted)
      case "reopen":
        return this.#cable.reopen()
      case "wake":
        return this.#wake(event.tab, event.visible)
      case "taken":
        return this.#taken(event.tab, event.n, event.ms)
      case "answered":
        return this.#credentials.answered(event.ask, event.answer)
      case "frame":
        return this.#frame(event.cable, event.raw)
      case "closed":
        return this.#cable.closed(event.cable)
      case "fetched":
        return this.#fetches.answered(event.fetch, event.result)
      case "loaded":
        return this.#channels.streamOf(event.key)?.onLoaded(event.row)
      case "refused":
        return this.#channels.streamOf(event.key)?.onRowRefused(event.row)
      case "flush":
        this.#ctx.flushed()
        for (const tab of this.#tabs.values()) this.#pump(tab)
        return
      case "tick":
        // Browsers' timers come up to a millisecond early: what is not yet due needs its alarm again.
        this.#alarm = null
        return this.#ctx.timers.run(this.#ctx.now)
      case "forget":
        this.#end(false)
        for (const tab of this.#tabs.values()) tab.isForgotten = true
        return this.#credentials.forget()
    }
  }

  // Tabs

  #attach(key: TabKey, attach: Attach): void {
    this.#detach(key)
    this.#settings ??= attach.settings
    const { asks, credentials, url, subprotocols } = attach
    this.#credentials.attached({ tab: key, asks, credentials }, url, subprotocols)
    this.#tabs.set(key, new Tab(key, attach))
    this.#ctx.pace.tabs = this.#tabs.size
    for (const want of attach.wants) this.#subscribe(key, want)
    this.#wantCable()
    this.#cable.retry()
    this.#ctx.flush()
  }

  #detach(key: TabKey): void {
    const tab = this.#tabs.get(key)
    if (!tab) return
    for (const subscription of tab.seats.keys()) this.#unsubscribe(key, subscription)
    this.#tabs.delete(key)
    this.#ctx.pace.tabs = this.#tabs.size
    this.#credentials.gone(key)
    this.#wantCable()
  }

  #onOpen(key: TabKey, wanted: boolean): void {
    const tab = this.#tabs.get(key)
    if (!tab || tab.isForgotten) return
    tab.open = wanted
    this.#wantCable()
    if (wanted) this.#cable.retry()
  }

  /** Only the holder of the mutex opens a cable; it closes a little after the last tab stopped wanting it. */
  #wantCable(): void {
    const wanted = this.#isActive && [...this.#tabs.values()].some(tab => tab.open)
    if (wanted) {
      this.#idleTimer.clear()
      this.#cable.want(true)
    } else if (this.#idleTimer.at === null) {
      this.#idleTimer.set(this.#ctx.now + (this.#settings?.linger ?? 0))
    }
  }

  #wake(key: TabKey, visible: boolean): void {
    const tab = this.#tabs.get(key)
    if (!tab) return
    tab.visible = visible
    if (!visible) return
    this.#cable.wake()
    for (const { identifier } of tab.seats.values()) this.#channels.get(identifier)?.stream.onWake()
  }

  #isVisible(tab: TabKey): boolean {
    return this.#tabs.get(tab)?.visible ?? false
  }

  #pump(tab: Tab): void {
    if (tab.isForgotten && tab.seats.size === 0) return
    const n = this.#ctx.number()
    const batch = tab.next(n, this.#epoch, this.#cable.state)
    if (!batch) return
    this.#ctx.count("batches")
    this.#ctx.emit({ type: "deliver", tab: tab.key, n, batch })
  }

  #taken(key: TabKey, n: number, ms: number): void {
    const tab = this.#tabs.get(key)
    if (!tab) return
    for (const reader of tab.taken(n, ms)) {
      if (reader.isOver && !reader.isBusy) this.#unsubscribe(key, reader.subscription)
    }
    if (tab.isLate || !this.#ctx.isFlushing) this.#pump(tab)
  }

  // Subscriptions

  #subscribe(key: TabKey, want: Want): void {
    const tab = this.#tabs.get(key)
    if (!tab || tab.isForgotten) return
    this.#unsubscribe(key, want.subscription)
    tab.seats.set(want.subscription, this.#channels.join(key, want))
  }

  #unsubscribe(key: TabKey, subscription: number): void {
    const tab = this.#tabs.get(key)
    const seat = tab?.seats.get(subscription)
    if (!tab || !seat) return
    tab.seats.delete(subscription)
    this.#channels.get(seat.identifier)?.leave(seat.reader)
  }

  #save(key: string, position: Position, over: Row | null): Row | null {
    if (!this.#isActive) return null
    this.#writes += 1
    const row: Row = { v: 1, position, epoch: this.#epoch, n: this.#writes }
    this.#ctx.emit({ type: "save", key, row, over })
    return row
  }

  // The cable

  #onLive(): void {
    this.#opened += 1
    this.#channels.cableLive()
  }

  #frame(cable: number, raw: unknown): void {
    if (!this.#cable.heard(cable)) return
    const maxLength = this.#settings?.maxFrameBytes ?? Infinity
    if (this.#channels.message(raw, maxLength)) return
    const frame = parseFrame(raw, maxLength)
    switch (frame.type) {
      case "welcome":
        return this.#cable.welcomed()
      case "ping":
        return frame.at === null ? undefined : this.#ctx.heardServerTime(frame.at)
      case "disconnect":
        return this.#cable.onDisconnect(frame.reason, frame.reconnect)
      case "malformed":
        return this.#ctx.count(`malformedFrames.${frame.why}`)
      case "message":
      case "confirmed":
      case "rejected":
        return this.#channels.frame(frame)
    }
  }

  // The end

  /** Nothing is sent or written any more; tabs hear that it is over, for good or until the next hub. */
  #end(willAttemptReconnect: boolean): void {
    if (!willAttemptReconnect) this.#isActive = false // a log-out leaves no rows
    this.#channels.end(willAttemptReconnect)
    for (const tab of this.#tabs.values()) tab.open = false
    this.#isActive = false
    this.#cable.want(false)
    for (const tab of this.#tabs.values()) this.#pump(tab)
  }
}
