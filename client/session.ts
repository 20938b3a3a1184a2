// This page's link to one hub, shared by all consumers of one key: finds a host, waits for its hello, attaches with all
// that the page wants, and hands over what comes. When the hub dies, or the page comes back from the cache, everything
// begins anew from the positions that each subscription knows of itself. Nothing here is needed to begin: a hub that
// speaks first is answered, whoever it is and however often it speaks.

import { expose, wrap, type Remote } from "comlink"
import {
  BRIDGE_VERSION,
  type Answer,
  type Ask,
  type Batch,
  type CableState,
  type Hello,
  type HubApi,
  type Inspection,
  type Part,
  type TabApi,
  type Taken,
  type Want,
} from "../shared/bridge.ts"
import type { WireEntry } from "../shared/entry.ts"
import { CableError, type ErrorData } from "../shared/errors.ts"
import { hubNames, type HubNames } from "../shared/identity.ts"
import { resolveConsumerOptions, type ConsumerOptions } from "../shared/options.ts"
import { dial, warnOnce } from "./host/choose.ts"
import type { Ledger } from "./ledger.ts"
import { awaitDeath, holdLock, isVisible, randomId, watchPage, whenActivated } from "./presence.ts"
import { logger } from "./rails.ts"
import { cableURL, readMeta } from "./url.ts"

/** Whoever wants the cable: what a session must know of a consumer. */
export type Party = {
  readonly _url: string | (() => string)
  readonly options: Readonly<ConsumerOptions>
  readonly subprotocols: readonly string[]
}

/** One subscription object. `number` names it to the hub; 0 while it wants nothing. */
export type Member = { number: number; readonly want: Omit<Want, "subscription" | "start">; readonly ledger: Ledger }

/** One way in to a hub. Kept for as long as it is used: a comlink proxy that is collected closes its port. */
type Link = { port: MessagePort; hub: Remote<HubApi>; closed: AbortController }

const CALL_TIMEOUT_MS = 10_000
const REDIAL_MS = 10_000

const sessions = new Map<string, Session>()
const sessionsOf = new WeakMap<Party, Session>()
let lastNumber = 0

/** @throws CableError `bad-url` */
export function sessionOf(party: Party): Session {
  const known = sessionsOf.get(party)
  if (known) return known
  const url = cableURL(party._url)
  const identity = party.options.identity ?? readMeta("trunkline-identity") ?? ""
  if (!identity) {
    warnOnce(
      'Trunkline: no identity, so another user of this browser may share the connection. Pass `identity` or add <meta name="trunkline-identity">.',
    )
  }
  const key = `${url.replace(/[?#].*$/, "")}\n${identity}`
  const session = sessions.get(key) ?? new Session(url, identity, party, () => sessions.delete(key))
  sessions.set(key, session)
  sessionsOf.set(party, session)
  return session
}

export class Session {
  /** What the hub last said of the cable; while there is no hub, it is being opened. */
  cable: CableState = "opening"

  readonly #identity: string
  readonly #names: HubNames
  /** The first consumer of this key: its options decide. */
  readonly #founder: Party
  readonly #parties = new Set<Party>()
  readonly #members = new Map<number, Member>()
  readonly #onEnd: () => void
  /** The cable's absolute URL, as of last asking. */
  #url: string

  /** Aborts when the identity has logged out: nothing of this session ever begins again. */
  readonly #end = new AbortController()
  /** Aborts when the page leaves; each return from the cache is a new life with a new lock. */
  #life = new AbortController()
  /** Aborts when the hub is lost. */
  #hub = new AbortController()
  #tab = ""
  #lock: Promise<string | null> = Promise.resolve(null)
  #isDialling = false
  /** The hub begins anew as soon as it has forgotten; that is none of this session's business. */
  #isForgetting = false
  /** All that may still say hello; after that, the one that did. */
  readonly #links = new Set<Link>()
  /** Attached: calls are answered. */
  #attached: Link | null = null
  #waiting: ((link: Link) => void)[] = []
  #epoch = 0
  #highest = 0
  #born = 0

  constructor(url: string, identity: string, founder: Party, onEnd: () => void) {
    this.#url = url
    this.#identity = identity
    this.#founder = founder
    this.#onEnd = onEnd
    this.#names = hubNames({ url, identity, bridge: BRIDGE_VERSION })
    watchPage({ hide: () => this.#hide(), show: () => this.#begin(), wake: () => this.#wake() }, this.#end.signal)
    this.#life.abort()
  }

  /** @returns false after a log-out: it will not be opened */
  open(party: Party): boolean {
    this.#parties.add(party)
    if (this.#attached) this.#post(hub => hub.open(true))
    else this.#start()
    return !this.#end.signal.aborted
  }

  close(party: Party): void {
    if (this.#parties.delete(party) && !this.#parties.size) this.#post(hub => hub.open(false))
  }

  /** Subscribes; does nothing for who is subscribed. */
  join(member: Member): void {
    if (member.number) return
    if (this.#end.signal.aborted) return queueMicrotask(() => member.ledger.finish())
    const want = this.#want(member)
    this.#post(hub => hub.subscribe(want))
  }

  /** @returns whether it was connected */
  leave(member: Member): boolean {
    const { number } = member
    if (this.#members.delete(number)) this.#post(hub => hub.unsubscribe(number))
    member.number = 0
    return member.ledger.leave()
  }

  perform(identifier: string, data: string): void {
    this.#post(hub => hub.perform(identifier, data))
  }

  reopen(): void {
    this.cable = "opening"
    this.#post(hub => hub.reopen())
  }

  reload(): void {
    const link = this.#attached
    if (!link) return
    this.#tellLost()
    void this.#lock.then(lock => this.#attach(link, lock))
  }

  inspect(): Promise<Inspection> {
    return this.#call(hub => hub.inspect())
  }

  async forget(): Promise<void> {
    try {
      await this.#call(hub => {
        this.#isForgetting = true
        return hub.forget()
      })
    } finally {
      this.#finish()
    }
  }

  /** Connects unless that is under way. */
  #start(): void {
    if (this.#life.signal.aborted) whenActivated(() => this.#begin())
    else if (!this.#isDialling && !this.#links.size) void this.#dial(false)
  }

  /** A life of this page begins. */
  #begin(): void {
    if (this.#end.signal.aborted || !this.#life.signal.aborted) return
    this.#tellLost()
    this.#life = new AbortController()
    this.#tab = randomId()
    this.#lock = holdLock(this.#tab, this.#life.signal)
    void this.#dial(false)
  }

  /** To the hub this looks like a closed tab; a message to a page in the cache would evict it from there. */
  #hide(): void {
    this.#life.abort()
    this.#drop()
  }

  #wake(): void {
    if (this.#attached) this.#post(hub => hub.wake(isVisible()))
    // Somebody who said hello and then nothing more may have died unheard.
    else if (!this.#life.signal.aborted && isVisible() && !this.#isDialling) this.#redial()
  }

  async #dial(again: boolean): Promise<void> {
    const { signal } = this.#life
    const { host, worker } = this.#founder.options
    this.#isDialling = true
    try {
      const listen = (port: MessagePort) => this.#listen(port)
      await dial(host, { name: this.#names.worker, worker, again, signal, listen })
    } catch (error) {
      if (signal.aborted) return
      reportError(error)
      this.#drop()
      this.cable = "waiting"
      setTimeout(() => !signal.aborted && this.#start(), REDIAL_MS)
    } finally {
      if (signal === this.#life.signal) this.#isDialling = false
    }
  }

  /** Resolves with the first hello. */
  #listen(port: MessagePort): Promise<void> {
    return new Promise(resolve => {
      const link: Link = { port, hub: wrap<HubApi>(port), closed: new AbortController() }
      this.#links.add(link)
      const tab: TabApi = {
        hello: hello => {
          if (hello.bridge !== BRIDGE_VERSION || !this.#links.has(link) || this.#isForgetting) return
          resolve()
          this.#hello(link, hello)
        },
        deliver: batch => this.#deliver(batch),
        ask: ask => this.#answer(ask),
      }
      expose(tab, port)
    })
  }

  #hello(link: Link, { epoch, host, state }: Hello): void {
    logger.log(`hub says hello: ${host}, ${state}, epoch ${epoch}`)
    for (const other of this.#links) if (other !== link) this.#close(other)
    this.#lost()
    if (state === "standby") return
    this.#epoch = epoch
    this.#highest = Math.max(this.#highest, epoch)
    this.#born ||= epoch
    const { signal } = (this.#hub = new AbortController())
    // A hub in this page cannot die alone.
    if (host !== "page") awaitDeath(this.#names.alive(epoch), signal, () => signal.aborted || this.#redial())
    void this.#lock.then(lock => signal.aborted || this.#attach(link, lock))
  }

  #attach(link: Link, lock: string | null): void {
    const [party = this.#founder] = this.#parties
    try {
      this.#url = cableURL(party._url)
    } catch (error) {
      reportError(error)
    }
    const members = [...this.#members.values()]
    this.#members.clear()
    const attach = {
      tab: this.#tab,
      lock,
      identity: this.#identity,
      url: this.#url,
      subprotocols: [...party.subprotocols],
      asks: typeof party._url === "function" || !!party.options.credentials,
      credentials: !!party.options.credentials,
      open: this.#parties.size > 0,
      visible: isVisible(),
      epoch: this.#highest,
      born: this.#born,
      settings: resolveConsumerOptions(this.#founder.options),
      wants: members.map(member => this.#want(member)),
    }
    this.#attached = link
    const { signal } = this.#hub
    within(link.hub.attach(attach), signal).then(
      refusal => refusal && this.#refused(refusal),
      () => signal.aborted || this.#redial(),
    )
    // Calls on one port are answered in their order: nobody needs to wait for the reply.
    for (const run of this.#waiting.splice(0)) run(link)
  }

  #refused(refusal: ErrorData): void {
    if (refusal.code !== "forgotten") reportError(CableError.from(refusal))
    this.#finish()
  }

  /** A new number for each asking: what is still on its way for an older one is not for this one. */
  #want(member: Member): Want {
    member.number = ++lastNumber
    this.#members.set(member.number, member)
    return { ...member.want, subscription: member.number, start: member.ledger.nextStart() }
  }

  #deliver({ epoch, cable, parts }: Batch): Taken {
    const began = performance.now()
    if (epoch === this.#epoch && this.#attached) {
      this.cable = cable
      for (const part of parts) {
        try {
          this.#take(part)
        } catch (error) {
          reportError(error) // not text that a hub would write
        }
      }
    }
    return { ms: performance.now() - began }
  }

  #take({ subscription, entries, after }: Part): void {
    const member = this.#members.get(subscription)
    if (!member) return
    for (const entry of JSON.parse(entries) as WireEntry[]) {
      member.ledger.take(entry)
      if (member.number !== subscription) return // a callback left
    }
    if (after !== undefined) member.ledger.reached(after)
  }

  /** The hub needs a URL to open the cable, or other credentials. */
  async #answer({ reason }: Ask): Promise<Answer | null> {
    const parties = [...this.#parties]
    const party = parties.find(({ options }) => options.credentials) ?? parties[0]
    if (!party) return null
    try {
      const { url = party._url, headers = {} } = (await party.options.credentials?.(reason)) ?? {}
      return { url: cableURL(url), headers: { ...headers } }
    } catch (error) {
      reportError(error)
      return null
    }
  }

  #redial(): void {
    this.#drop()
    void this.#dial(true)
  }

  #drop(): void {
    this.#lost()
    for (const link of this.#links) this.#close(link)
  }

  /** comlink leaves ports open. */
  #close(link: Link): void {
    this.#links.delete(link)
    link.port.close()
    link.closed.abort()
  }

  /** Whatever was heard of a hub is over. */
  #lost(): void {
    this.#hub.abort()
    this.#attached = null
    this.cable = "opening"
    if (!this.#life.signal.aborted) this.#tellLost()
  }

  #tellLost(): void {
    for (const { ledger } of this.#members.values()) ledger.take(["disconnected", true])
  }

  /** The identity has logged out. */
  #finish(): void {
    if (this.#end.signal.aborted) return
    this.#end.abort()
    this.#onEnd()
    this.#life.abort()
    this.#drop()
    this.cable = "refused"
    const members = [...this.#members.values()]
    this.#members.clear()
    for (const member of members) {
      member.number = 0
      member.ledger.finish()
    }
  }

  #post(run: (hub: Remote<HubApi>) => Promise<unknown>): void {
    if (this.#attached) run(this.#attached.hub).catch(reportError)
  }

  /** @throws CableError `hub-gone` */
  #call<T>(run: (hub: Remote<HubApi>) => Promise<T>): Promise<T> {
    if (this.#end.signal.aborted) {
      return Promise.reject(new CableError("forgotten", "This identity has logged out: create another consumer."))
    }
    this.#start()
    const ready = new Promise<Link>(resolve => {
      if (this.#attached) resolve(this.#attached)
      else this.#waiting.push(resolve)
    })
    return within(ready).then(({ hub, closed }) => within(run(hub), closed.signal))
  }
}

/** A call to a dead hub never settles by itself. */
function within<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new CableError("hub-gone", "The hub died or fell silent during the call: try again."))
    const timeout = setTimeout(fail, CALL_TIMEOUT_MS)
    signal?.addEventListener("abort", fail)
    call.then(resolve, reject).finally(() => {
      clearTimeout(timeout)
      signal?.removeEventListener("abort", fail)
    })
  })
}
