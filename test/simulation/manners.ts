// What a hub may do to the server and to its tabs: one cable for all hubs (promise 1), one question at a time (promise 2),
// no storms, no command that nobody needs. Judged by what goes in and out of a host, never by what its core believes.

import type { Want } from "../../shared/bridge.ts"
import { parseFrame } from "../../shared/frame.ts"
import type { Effect, Event, TabKey } from "../../worker/core/event.ts"
import { Broken } from "./broken.ts"
import type { Host } from "./hosts.ts"

/** `linger` of the tabs' settings. */
const LINGER_MS = 1_000
/** An unanswered subscribe may be cured after this. */
const CONFIRM_WITHIN_MS = 5_000
/** Back to back, Rails may run a subscribe before the unsubscribe. */
const PAUSE_MS = 300
/** After a confirmation, which proves little, the endpoint is asked once more; in calm worlds within so long. */
const RECONCILE_MS = { after: 1_900, within: 6_000 }
/** So many dials within so long, without success and without anybody who asks for it, are a storm. */
const STORM = { dials: 16, ms: 10_000 }

type Command = { command: string; identifier: string }

/** What one host has heard and said. */
class Conduct {
  /** What its tabs want, and since when nobody wants an identifier any more. */
  readonly wants = new Map<TabKey, Map<number, { identifier: string; catchesUp: boolean }>>()
  readonly leftAt = new Map<string, number>()
  readonly subscribedAt = new Map<string, number>()
  readonly unsubscribedAt = new Map<string, number>()
  /** When it was confirmed, until it was looked into. */
  readonly unproven = new Map<string, number>()
  readonly answered = new Map<string, "confirmed" | "rejected">()
  /** The server has said that there is no use in trying again; with credentials there may be one more try. */
  refusal: "none" | "tried" | "final" = "none"
  dials: number[] = []
  /** Fetches under way. */
  readonly asking = new Map<number, string>()
  readonly lastIds = new Set<string>()
  readonly inFlight = new Set<TabKey>()
  /** How many runs over the pages there was a reason for, and how many began. */
  reasons = 4
  runs = 0
  hearing: Event | null = null
  readonly since: number

  constructor(now: number) {
    this.since = now
  }

  isWanted(identifier: string): boolean {
    return this.#all.some(want => want.identifier === identifier)
  }

  isCaughtUp(identifier: string): boolean {
    return this.#all.some(want => want.identifier === identifier && want.catchesUp)
  }

  get identifiers(): Set<string> {
    return new Set(this.#all.map(({ identifier }) => identifier))
  }

  get #all(): { identifier: string; catchesUp: boolean }[] {
    return [...this.wants.values()].flatMap(wants => [...wants.values()])
  }
}

function short({ identifier, catchUp }: Want): { identifier: string; catchesUp: boolean } {
  return { identifier, catchesUp: catchUp !== null }
}

export class Manners {
  readonly #conducts = new Map<Host, Conduct>()
  readonly #now: () => number
  readonly #settings: { reconcileEvery: number; settleFor: number; credentials: boolean }
  isMutexHolder: (host: Host) => boolean = () => true
  openSockets: () => number = () => 0
  confirmed: (identifier: string) => void = () => {}
  /** No answer is late or fails. */
  isCalm: () => boolean = () => false

  /** @param now the browser's clock */
  constructor(now: () => number, settings: { reconcileEvery: number; settleFor: number; credentials: boolean }) {
    this.#now = now
    this.#settings = settings
  }

  hears(host: Host, event: Event): void {
    const conduct = this.#conduct(host)
    conduct.hearing = event
    if (this.isCalm()) this.#checkProven(conduct)
    switch (event.type) {
      case "attached":
        this.#came(conduct)
        this.#want(conduct, event.tab, new Map(event.attach.wants.map(want => [want.subscription, short(want)])))
        conduct.inFlight.delete(event.tab)
        conduct.reasons += 3 * event.attach.wants.length
        return
      case "subscribe": {
        // It attached before a log-out: it wants nothing any more.
        if (!conduct.wants.has(event.tab)) return
        const wants = new Map(conduct.wants.get(event.tab))
        this.#want(conduct, event.tab, wants.set(event.want.subscription, short(event.want)))
        conduct.reasons += 3
        return
      }
      case "unsubscribe": {
        const wants = new Map(conduct.wants.get(event.tab))
        if (!wants.delete(event.subscription)) return
        return this.#want(conduct, event.tab, wants)
      }
      case "tab-gone":
        conduct.inFlight.delete(event.tab)
        this.#want(conduct, event.tab, new Map())
        return void conduct.wants.delete(event.tab)
      case "open":
      case "reopen":
        return this.#came(conduct)
      case "wake":
        conduct.reasons += conduct.wants.get(event.tab)?.size ?? 0
        conduct.dials = []
        return
      case "taken":
        conduct.inFlight.delete(event.tab)
        return
      case "fetched":
        return this.#fetched(conduct, event)
      case "forget":
        return conduct.wants.clear()
      case "frame":
        if (event.cable === host.cable?.number) this.#frame(conduct, event.raw)
        return
      case "answered":
      case "began":
      case "closed":
      case "ended":
      case "flush":
      case "loaded":
      case "perform":
      case "refused":
      case "tick":
        return
    }
  }

  does(host: Host, effect: Effect): void {
    const conduct = this.#conduct(host)
    switch (effect.type) {
      case "dial":
        return this.#dials(host, conduct)
      case "send":
        if (!this.isMutexHolder(host)) throw new Broken("1: a host without the mutex spoke")
        return this.#sends(conduct, JSON.parse(effect.text) as Command)
      case "deliver":
        if (conduct.inFlight.has(effect.tab)) throw new Broken("8: a tab got a batch before it had taken the last one")
        conduct.inFlight.add(effect.tab)
        return
      case "fetch":
        return this.#fetches(conduct, effect)
      case "abort":
        conduct.asking.delete(effect.fetch)
        return
      case "drop":
        return conduct.unproven.clear()
      case "alarm":
      case "ask":
      case "flush":
      case "load":
      case "save":
        return
    }
  }

  #conduct(host: Host): Conduct {
    const known = this.#conducts.get(host)
    if (known) return known
    const conduct = new Conduct(this.#now())
    this.#conducts.set(host, conduct)
    return conduct
  }

  #checkProven(conduct: Conduct): void {
    for (const [identifier, at] of conduct.unproven) {
      if (!conduct.isCaughtUp(identifier)) conduct.unproven.delete(identifier)
      else if (this.#now() - at > RECONCILE_MS.within)
        throw new Broken(`2: nobody looked into the confirmation of ${identifier}`)
    }
  }

  /** Somebody wants the cable, whatever the server has said before. */
  #came(conduct: Conduct): void {
    conduct.refusal = "none"
    conduct.dials = []
  }

  #want(conduct: Conduct, tab: TabKey, wants: Map<number, ReturnType<typeof short>>): void {
    const before = conduct.identifiers
    conduct.wants.set(tab, wants)
    for (const identifier of before) if (!conduct.isWanted(identifier)) conduct.leftAt.set(identifier, this.#now())
  }

  #frame(conduct: Conduct, raw: unknown): void {
    if (typeof raw === "string" && raw.includes(',"message":')) {
      // Who is slow falls off the log, and is given its pages once more; while they are young, from where it began.
      conduct.reasons += conduct.wants.size / 50
      return
    }
    const frame = parseFrame(raw, Infinity)
    if (frame.type === "welcome") {
      this.#came(conduct)
      conduct.subscribedAt.clear()
      conduct.unsubscribedAt.clear()
      conduct.unproven.clear()
      conduct.answered.clear()
    }
    if (frame.type === "confirmed" || frame.type === "rejected") conduct.answered.set(frame.identifier, frame.type)
    if (frame.type === "confirmed") {
      this.confirmed(frame.identifier)
      conduct.reasons += 2
      if (conduct.isCaughtUp(frame.identifier)) conduct.unproven.set(frame.identifier, this.#now())
    }
    if (frame.type !== "disconnect" || frame.reconnect) return
    const mayTry = frame.reason === "unauthorized" && this.#settings.credentials && conduct.refusal === "none"
    conduct.refusal = mayTry ? "tried" : "final"
  }

  #dials(host: Host, conduct: Conduct): void {
    if (!this.isMutexHolder(host)) throw new Broken("1: a host without the mutex opened a cable")
    if (this.openSockets() > 0) throw new Broken("1: a second cable was opened")
    if (conduct.refusal === "final") throw new Broken("1: a cable was opened that the server had refused for good")
    const now = this.#now()
    conduct.dials = [...conduct.dials.filter(at => now - at < STORM.ms), now]
    if (conduct.dials.length > STORM.dials) throw new Broken("1: a storm of dials")
  }

  #sends(conduct: Conduct, { command, identifier }: Command): void {
    const now = this.#now()
    if (command === "subscribe") {
      const answer = conduct.answered.get(identifier)
      const isAsked = conduct.subscribedAt.has(identifier) && answer !== "rejected"
      if (isAsked) throw new Broken(`2: ${identifier} was subscribed to twice`)
      if (now - (conduct.unsubscribedAt.get(identifier) ?? -Infinity) < PAUSE_MS - 1) {
        throw new Broken(`2: ${identifier} was subscribed to right after it was left`)
      }
      conduct.subscribedAt.set(identifier, now)
      conduct.answered.delete(identifier)
    }
    if (command !== "unsubscribe") return
    const { hearing } = conduct
    const isAnswer =
      hearing?.type === "frame" && ["confirmed", "rejected"].includes(parseFrame(hearing.raw, Infinity).type)
    const isCure = now - (conduct.subscribedAt.get(identifier) ?? -Infinity) >= CONFIRM_WITHIN_MS - 1
    const isUnanswered = !conduct.answered.has(identifier)
    conduct.subscribedAt.delete(identifier)
    conduct.unsubscribedAt.set(identifier, now)
    conduct.unproven.delete(identifier)
    if (isAnswer || (isCure && isUnanswered)) return
    if (conduct.isWanted(identifier)) throw new Broken(`2: ${identifier} was left though somebody wants it`)
    if (now - (conduct.leftAt.get(identifier) ?? now) < LINGER_MS - 1)
      throw new Broken(`2: ${identifier} was left at once`)
  }

  #fetches(conduct: Conduct, { fetch, request }: Effect & { type: "fetch" }): void {
    const { after, limit, catchUp } = request
    const topic = catchUp.params["topic"] ?? ""
    if (this.#now() - (conduct.unproven.get(topic) ?? Infinity) >= RECONCILE_MS.after) conduct.unproven.delete(topic)
    if (limit === 0) return
    const key = `${topic} after ${after}`
    const same = [...conduct.asking.values()].filter(other => other === key).length
    conduct.asking.set(fetch, key)
    // Pages that follow: runs that began at different places may meet.
    if (after !== null && conduct.lastIds.has(after)) return
    // The stream itself may ask for what somebody who starts there asks for.
    if (same >= 2) throw new Broken(`2: ${key} is asked for three times at once`)
    conduct.runs += 1
    const { reconcileEvery, settleFor } = this.#settings
    const due = (this.#now() - conduct.since) / Math.min(reconcileEvery, settleFor)
    if (conduct.runs > conduct.reasons + 3 * due) throw new Broken(`2: a storm of requests: ${conduct.runs}`)
  }

  #fetched(conduct: Conduct, { fetch, result }: Event & { type: "fetched" }): void {
    const key = conduct.asking.get(fetch)
    conduct.asking.delete(fetch)
    if (key === undefined) return
    // What failed is asked again; a gap asks where now is, and goes on from there.
    if (result.type !== "page") return void (conduct.reasons += result.type === "failed" ? 1 : 3)
    const last = result.messages.at(-1) as { id?: string | number } | null | undefined
    if (last?.id === undefined) conduct.reasons += 1
    else conduct.lastIds.add(String(last.id))
  }
}
