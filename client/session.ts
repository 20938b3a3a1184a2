// What this page wants of one hub, and what it gets: the subscriptions of all consumers of one key, wherever their hub is
// and however often it changes.

import {
  BRIDGE_VERSION,
  type Answer,
  type Ask,
  type Attach,
  type Batch,
  type CableState,
  type Inspection,
  type Part,
  type Taken,
  type Want,
} from "../shared/bridge.ts"
import type { WireEntry } from "../shared/entry.ts"
import { CableError } from "../shared/errors.ts"
import { pageNames } from "../shared/identity.ts"
import { resolveConsumerOptions, type ConsumerOptions } from "../shared/options.ts"
import type { Ledger } from "./ledger.ts"
import { Link, type Introduction } from "./link.ts"
import { cableURL, readMeta } from "./url.ts"
import { warnOnce } from "./warnings.ts"

/** Whoever wants the cable: what a session must know of a consumer. */
export type Party = {
  readonly _url: string | (() => string)
  readonly options: Readonly<ConsumerOptions>
  readonly subprotocols: readonly string[]
}

/** One subscription object. `number` names it to the hub; 0 while it wants nothing. */
export type Member = { number: number; readonly want: Omit<Want, "subscription" | "start">; readonly ledger: Ledger }

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

  /** The cable's absolute URL, as of last asking. */
  #url: string
  readonly #identity: string
  /** The first consumer of this key: its options decide. */
  readonly #founder: Party
  readonly #parties = new Set<Party>()
  readonly #members = new Map<number, Member>()
  readonly #link: Link
  readonly #onEnd: () => void

  constructor(url: string, identity: string, founder: Party, onEnd: () => void) {
    this.#url = url
    this.#identity = identity
    this.#founder = founder
    this.#onEnd = onEnd
    this.#link = new Link(pageNames({ url, identity, bridge: BRIDGE_VERSION }), founder.options, {
      attach: introduction => this.#attach(introduction),
      lost: () => this.#lost(),
      failed: () => (this.cable = "waiting"),
      refused: error => {
        if (error.code !== "forgotten") reportError(CableError.from(error))
        this.#finish()
      },
      deliver: batch => this.#deliver(batch),
      ask: ask => this.#answer(ask),
    })
  }

  /** @returns false after a log-out: it will not be opened */
  open(party: Party): boolean {
    this.#parties.add(party)
    this.#link.post(hub => hub.open(true))
    this.#link.start()
    return !this.#link.isOver
  }

  close(party: Party): void {
    this.#parties.delete(party)
    if (!this.#parties.size) this.#link.post(hub => hub.open(false))
  }

  /** Subscribes; does nothing for who is subscribed. */
  join(member: Member): void {
    if (member.number) return
    if (this.#link.isOver) return queueMicrotask(() => member.ledger.finish())
    const want = this.#want(member)
    this.#link.post(hub => hub.subscribe(want))
  }

  /** @returns whether it was connected */
  leave(member: Member): boolean {
    const { number } = member
    if (this.#members.delete(number)) this.#link.post(hub => hub.unsubscribe(number))
    member.number = 0
    return member.ledger.leave()
  }

  perform(identifier: string, data: string): void {
    this.#link.post(hub => hub.perform(identifier, data))
  }

  /** Not open at once. Asked too often, the hub leaves its cable as it is and has nothing to tell: so it is asked. */
  reopen(): void {
    this.cable = "opening"
    this.#link.post(async hub => {
      await hub.reopen()
      this.cable = (await hub.inspect()).socket.state
    })
  }

  inspect(): Promise<Inspection> {
    return this.#link.call(hub => hub.inspect())
  }

  async forget(): Promise<void> {
    try {
      await this.#link.call(hub => {
        this.#link.ignore()
        return hub.forget()
      })
    } finally {
      this.#finish()
    }
  }

  #attach(introduction: Introduction): Attach {
    const [party = this.#founder] = this.#parties
    const { _url, options, subprotocols } = party
    try {
      this.#url = cableURL(_url)
    } catch (error) {
      reportError(error)
    }
    const members = [...this.#members.values()]
    this.#members.clear()
    const credentials = !!options.credentials
    return {
      ...introduction,
      identity: this.#identity,
      identityParam: this.#founder.options.identityParam,
      url: this.#url,
      subprotocols,
      asks: typeof _url === "function" || credentials,
      credentials,
      open: this.#parties.size > 0,
      settings: resolveConsumerOptions(this.#founder.options),
      wants: members.map(member => this.#want(member)),
    }
  }

  /** A new number for each asking: what is still on its way for an older one is not for this one. */
  #want(member: Member): Want {
    member.number = ++lastNumber
    this.#members.set(member.number, member)
    return { ...member.want, subscription: member.number, start: member.ledger.nextStart() }
  }

  #deliver({ cable, parts }: Batch): Taken {
    const began = performance.now()
    const isRefused = cable === "refused" && this.cable !== cable
    this.cable = cable
    for (const part of parts) {
      try {
        this.#take(part)
      } catch (error) {
        reportError(error) // not text that a hub would write
      }
    }
    // Who was never connected gets no entry of it.
    if (isRefused) for (const { ledger } of this.#members.values()) ledger.finish()
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

  #lost(): void {
    this.cable = "opening"
    for (const { ledger } of this.#members.values()) ledger.take(["disconnected", true])
  }

  /** The identity has logged out. */
  #finish(): void {
    if (this.#link.isOver) return
    this.#link.close()
    this.#onEnd()
    this.cable = "refused"
    const members = [...this.#members.values()]
    this.#members.clear()
    for (const member of members) {
      member.number = 0
      member.ledger.finish()
    }
  }
}
