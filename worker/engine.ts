// The shell around the core: the world's events go in one at a time, and the core's effects are carried out in order.

import type { HostKind } from "../shared/bridge.ts"
import type { Clock } from "../shared/clock.ts"
import { openCable, type CableSocket } from "./cable.ts"
import { fetchPage, withParams, type Params } from "./catch-up.ts"
import type { Effect, Event, TabKey } from "./core/event.ts"
import { HubCore, type CoreInspection } from "./core/hub.ts"
import type { CursorStore } from "./cursor-store.ts"
import type { Port } from "./port.ts"

export type EngineOptions = {
  host: HostKind
  /** Prefix of the database keys: a digest of URL and identity. */
  rows: string
  clock: Clock
  store: CursorStore
  /** Milliseconds of silence after which a cable is dead. */
  staleAfter?: number | undefined
  port(tab: TabKey): Port | undefined
}

export class Engine {
  /** Tells the server on whose behalf it is asked. */
  mark: Params = {}
  /** Resolves once the last cable that was dropped is closed at the server too. */
  closed = Promise.resolve()
  #cable: { number: number; socket: CableSocket } | null = null
  #cancelAlarm = () => {}
  #isHandling = false
  readonly #core: HubCore
  readonly #queue: Event[] = []
  readonly #fetches = new Map<number, AbortController>()
  readonly #options: EngineOptions

  constructor(options: EngineOptions) {
    this.#options = options
    this.#core = new HubCore(options.rows, options.staleAfter, options.host === "shared-worker")
  }

  inspect(): CoreInspection {
    return this.#core.inspect()
  }

  /** One event at a time: what an effect causes at once waits until the effects before it are done. */
  put(event: Event): void {
    this.#queue.push(event)
    if (this.#isHandling) return
    this.#isHandling = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#handle(next)
    this.#isHandling = false
  }

  /** A mistake of ours in one event, or one of its effects, must not make all tabs deaf. */
  #handle(event: Event): void {
    const { clock } = this.#options
    const moment = { now: clock.now(), random: () => clock.random() }
    let effects: readonly Effect[] = []
    guard(() => (effects = this.#core.handle(event, moment)))
    for (const effect of effects) guard(() => this.#do(effect))
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case "dial":
        return this.#dial(effect.cable, effect.url, effect.subprotocols)
      case "drop":
        if (this.#cable?.number === effect.cable) this.closed = this.#cable.socket.drop()
        return
      case "send":
        if (this.#cable?.number === effect.cable) this.#cable.socket.send(effect.text)
        return
      case "deliver": {
        const { tab, n, batch } = effect
        this.#options.port(tab)?.deliver(batch, ms => this.put({ type: "taken", tab, n, ms }))
        return
      }
      case "ask": {
        const { ask, question } = effect
        this.#options.port(effect.tab)?.ask(question, answer => this.put({ type: "answered", ask, answer }))
        return
      }
      case "fetch": {
        const { fetch, request } = effect
        const controller = new AbortController()
        this.#fetches.set(fetch, controller)
        void fetchPage(request, this.mark, controller.signal).then(result => {
          this.#fetches.delete(fetch)
          this.put({ type: "fetched", fetch, result })
        })
        return
      }
      case "abort":
        this.#fetches.get(effect.fetch)?.abort()
        return
      case "load": {
        const { key } = effect
        void this.#options.store.load(key).then(row => this.put({ type: "loaded", key, row }))
        return
      }
      case "save": {
        const { key } = effect
        void this.#options.store.save(key, effect.row, effect.over).then(row => {
          if (row) this.put({ type: "refused", key, row })
        })
        return
      }
      case "flush":
        nextTask(() => this.put({ type: "flush" }))
        return
      case "alarm":
        return this.#setAlarm(effect.at)
    }
  }

  #dial(number: number, url: string, subprotocols: readonly string[]): void {
    const socket = openCable(withParams(url, this.mark), subprotocols, {
      frame: raw => this.put({ type: "frame", cable: number, raw }),
      closed: reason => this.put({ type: "closed", cable: number, reason }),
    })
    this.#cable = { number, socket }
  }

  #setAlarm(at: number | null): void {
    const { clock } = this.#options
    this.#cancelAlarm()
    this.#cancelAlarm = at === null ? () => {} : clock.after(at - clock.now(), () => this.put({ type: "tick" }))
  }
}

function guard(run: () => void): void {
  try {
    run()
  } catch (error) {
    reportError(error)
  }
}

/** The end of the current task: frames that are already queued come first, and go out in the same batch. */
const nextTask = (() => {
  const waiting: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => waiting.shift()?.()
  return (run: () => void) => {
    waiting.push(run)
    port2.postMessage(null)
  }
})()
