// The least world that keeps a core busy: a cable that answers at once, tabs that take every batch at once (or are frozen),
// a catch-up endpoint that has every message.

import type { Attach, StreamInspection, Want } from "../../shared/bridge.ts"
import { resolveConsumerOptions, resolveSubscriptionOptions } from "../../shared/options.ts"
import type { Effect, Event, PageRequest } from "../../worker/core/event.ts"
import { HubCore } from "../../worker/core/hub.ts"

export const IDENTIFIER = JSON.stringify({ channel: "BenchChannel", room: "bench" })

const HUB = resolveConsumerOptions({})

/** What the endpoint returns, parsed as the shell would hand it over. */
export type Messages = Pick<readonly unknown[], "slice">

export class World {
  #now = 0
  #cable = 0
  readonly #core = new HubCore("bench")
  readonly #messages: Messages
  readonly #frozen: number
  #events: Event[] = []
  /** How many messages the server has sent. */
  #sent = 0

  /** @param frozen how many of the tabs take nothing */
  constructor(messages: Messages, tabs: number, catchesUp: boolean, frozen = 0) {
    this.#messages = messages
    this.#frozen = frozen
    this.#put({ type: "began", epoch: 1 })
    for (let tab = 1; tab <= tabs; tab++) this.#put({ type: "attached", tab, attach: attachOf(tab, catchesUp) })
    this.#frame('{"type":"welcome"}')
    this.#frame(JSON.stringify({ identifier: IDENTIFIER, type: "confirm_subscription" }))
  }

  /** Frames that one task of the worker finds in its queue, so many milliseconds after the last ones. */
  burst(frames: readonly string[], ms: number): void {
    this.#now += ms
    this.#put({ type: "tick" })
    this.#frame(JSON.stringify({ type: "ping", message: Math.floor(this.#now / 1_000) }))
    this.#sent += frames.length
    for (const raw of frames) this.#events.push({ type: "frame", cable: this.#cable, raw })
    this.#run()
  }

  get stream(): StreamInspection {
    const [stream] = this.#core.inspect().streams
    if (!stream) throw new Error("nobody has subscribed")
    return stream
  }

  #frame(raw: string): void {
    this.#put({ type: "frame", cable: this.#cable, raw })
  }

  #put(event: Event): void {
    this.#events.push(event)
    this.#run()
  }

  /** What an effect causes comes after all that is under way already, as between a worker and its tabs. */
  #run(): void {
    const moment = { now: this.#now, random: () => 0.5 }
    for (let batch = this.#events; batch.length > 0; batch = this.#events) {
      this.#events = []
      for (const event of batch) for (const effect of this.#core.handle(event, moment)) this.#do(effect)
    }
  }

  #do(effect: Effect): void {
    if (effect.type === "flush") this.#events.push({ type: "flush" })
    if (effect.type === "dial") this.#cable = effect.cable
    if (effect.type === "load") this.#events.push({ type: "loaded", key: effect.key, row: null })
    if (effect.type === "deliver" && effect.tab > this.#frozen)
      this.#events.push({ type: "taken", tab: effect.tab, n: effect.n, ms: 1 })
    if (effect.type === "fetch") this.#events.push(this.#page(effect.fetch, effect.request))
  }

  #page(fetch: number, { after, limit }: PageRequest): Event {
    const start = Number(after)
    const messages = this.#messages.slice(start, Math.min(start + limit, this.#sent))
    const hasMore = start + limit < this.#sent
    const cursor = this.#sent > 0 ? String(this.#sent) : null
    return { type: "fetched", fetch, result: { type: "page", messages, hasMore, cursor } }
  }
}

function attachOf(tab: number, catchesUp: boolean): Attach {
  return {
    tab: String(tab),
    lock: null,
    identity: "bench",
    url: "ws://bench/cable",
    subprotocols: [],
    asks: false,
    credentials: false,
    open: true,
    visible: true,
    epoch: 0,
    born: 0,
    settings: HUB,
    wants: [wantOf(catchesUp)],
  }
}

function wantOf(catchesUp: boolean): Want {
  const options = catchesUp ? { after: null, catchUp: { url: "/messages" } } : {}
  const { start, catchUp, message, settings } = resolveSubscriptionOptions(options, "http://bench/")
  return { subscription: 1, identifier: IDENTIFIER, start, catchUp, message, settings }
}
