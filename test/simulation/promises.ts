// The nine promises, as checks of what the server persisted against what applications were told. Nothing here asks the
// core what it believes, but for the sizes of what it keeps.

import type { CaughtUp, Delivery, Told } from "../../client/ledger.ts"
import type { WireEntry } from "../../shared/entry.ts"
import { rowKey } from "../../shared/identity.ts"
import { SEEN_LIMIT, type Position } from "../../shared/position.ts"
import type { Row as StoredRow } from "../../worker/core/event.ts"
import { Broken } from "./broken.ts"
import type { Request } from "./http.ts"
import type { Row, Server, Topic } from "./server.ts"
import type { Sub, Witness } from "./tabs.ts"
import type { World } from "./world.ts"

/** What one subscription has been given. */
class Account {
  readonly sub: Sub
  readonly bornAt: number
  readonly given = new Set<string>()
  /** Shown by its page before it began. */
  readonly rendered = new Set<string>()
  /** The first that came. */
  first: string | null = null
  readonly nonces = new Set<number>()
  /** As an application would show it, and the latest place among them. */
  readonly shown: Row[] = []
  latest = -Infinity
  /** The hub's word on where it started, of those that asked for `"cursor"` or `"now"`. */
  start: Position | null = null
  /** Everything created before this was told to be beyond reach, if it had not come. */
  gapAt = -Infinity
  /** A gap was told, and the endpoint did not say where "now" is: the first live message will be its place. */
  isUnplaced = false
  /** Everything up to here came before that message. */
  floor = -Infinity
  isRejected = false
  /** When it was told that it is connected, until it has caught up; who was busy hears late that it is connected again. */
  owedSince: number | null = null
  wasConnected = false
  /** Which confirmation it was last told of. */
  toldOf = -Infinity
  /** A message from before its start came by a page that does not tell its place. */
  isDisordered = false
  /** All ids of the page that it is being given. */
  page: readonly string[] = []

  constructor(sub: Sub, bornAt: number) {
    this.sub = sub
    this.bornAt = bornAt
  }
}

/** What this browser knows of one stream. */
class Knowledge {
  readonly topic: Topic
  /** Given to some application, and as which of all that were given. */
  readonly taken = new Map<string, number>()
  /** Shown by some page when it was rendered. */
  readonly rendered = new Set<string>()
  /** Everything up to here in the server's order is covered by a start or a told gap. */
  floor = -Infinity
  /** No page has been answered since the place was lost, or sought: the first live message becomes it. */
  isUnplaced = true
  /** The first live message of somebody without a place, where others may have one: each may have become the stream's. */
  readonly begins = new Set<string>()
  /** The last time that somebody asked where "now" is, the endpoint said so. */
  isCursorKnown = true
  /** When a place was given up, at the server and, later, in the hub. */
  movedAt = -Infinity
  /** When the server confirmed it, each time. */
  readonly confirmedAt: number[] = []
  /** When somebody was last told that messages are out of reach. */
  gapAt = -Infinity

  constructor(topic: Topic) {
    this.topic = topic
  }
}

export class Promises implements Witness {
  readonly accounts = new Map<Sub, Account>()
  readonly #knowledge = new Map<string, Knowledge>()
  readonly #byKey = new Map<string, Knowledge>()
  /** When a row went on its way, and how much had been received by then. */
  readonly #saving = new WeakMap<StoredRow, { at: number; received: number }>()
  readonly #world: World
  readonly #server: Server
  readonly #settleFor: number
  /** Some page was followed by another. */
  #isPaged = false
  /** Somebody was told that the endpoint refuses. */
  wasRefused = false
  requests = 0
  /** Nothing has been done so far that makes answers fail or late: then nobody hears live messages before caught-up ones. */
  isCalm = true
  /** As it crosses the bridge, at most. */
  readonly largestPage = { entries: 0, bytes: 0 }
  received = 0

  constructor(world: World, server: Server, settings: { settleFor: number }) {
    this.#world = world
    this.#server = server
    this.#settleFor = settings.settleFor
    for (const topic of server.topics.values()) {
      const knowledge = new Knowledge(topic)
      this.#knowledge.set(topic.identifier, knowledge)
      this.#byKey.set(rowKey("rows", topic.identifier), knowledge)
    }
  }

  // 3, 4, 5: what applications are told

  born(sub: Sub): void {
    const account = new Account(sub, this.#world.now)
    this.accounts.set(sub, account)
    const { start, topic, catchesUp } = sub.asked
    const knowledge = this.#know(topic)
    if (!catchesUp || !("position" in start)) return
    const { after, seen } = start.position
    const shown = after === null ? [] : [after, ...seen]
    for (const id of shown) {
      const row = topic.byId.get(id)
      if (!row) continue
      knowledge.rendered.add(id)
      account.rendered.add(id)
      account.given.add(id)
      this.#show(account, row, undefined)
    }
    knowledge.floor = Math.max(knowledge.floor, orderOf(topic, after))
  }

  told(sub: Sub, name: keyof Told, args: readonly unknown[]): void {
    const account = this.accounts.get(sub)
    if (!account) throw new Broken("a subscription that nobody made was told something")
    if (sub.tab.isClosed || sub.tab.isParked) throw new Broken("7: a page that is gone was told something")
    if (sub.tab.isForgotten && name === "received") throw new Broken(`7: ${nameOf(sub)} got something after log-out`)
    if (name === "received")
      this.#received(account, args[0] as { id?: string | number; body?: number; typing?: number }, args[1] as Delivery)
    if (name === "rejected") account.isRejected = true
    const knowledge = this.#know(sub.asked.topic)
    if (name === "connected") {
      // Who was busy may hear of each in turn, long after.
      const { confirmedAt } = knowledge
      const { toldOf, wasConnected } = account
      account.toldOf = (wasConnected ? confirmedAt.find(at => at > toldOf) : confirmedAt.at(-1)) ?? toldOf
      account.owedSince = wasConnected ? account.toldOf : this.#world.now
      account.wasConnected = true
    }
    if (name === "caughtUp" || name === "disconnected") account.owedSince = null
    if (name === "caughtUp" && sub.asked.catchesUp) {
      const { outcome, reason } = args[0] as CaughtUp
      if (reason === "unauthorized") this.wasRefused = true
      if (reason === "history-unavailable" || reason === "no-cursor")
        knowledge.gapAt = knowledge.movedAt = this.#world.now
      if (outcome === "gap") {
        account.gapAt = this.#world.now
        if (reason !== "unauthorized") account.isUnplaced = !knowledge.isCursorKnown
      }
    }
  }

  #received(
    account: Account,
    message: { id?: string | number; body?: number; typing?: number },
    delivery: Delivery,
  ): void {
    this.received += 1
    const { sub } = account
    const { topic, catchesUp } = sub.asked
    const nonce = message.body ?? message.typing ?? 0
    const isEphemeral = message.id === undefined || message.typing !== undefined
    const row = isEphemeral ? undefined : topic.byId.get(`${message.id}`)
    if (!isEphemeral && !row) throw new Broken(`7: message ${message.id} is not of this stream`)
    if (!catchesUp || !row) {
      if (account.nonces.has(nonce)) throw new Broken(`4: ${nameOf(sub)} got message ${nonce} twice`)
      account.nonces.add(nonce)
      if (row && !catchesUp) return
      if (row) this.#know(topic).taken.set(row.id, this.received)
      return
    }
    const { id } = row
    this.#checkHeld(account, delivery.source)
    if (delivery.id !== id) throw new Broken(`5: ${nameOf(sub)} got ${id} under the name of ${delivery.id}`)
    if (account.given.has(id)) throw new Broken(`4: ${nameOf(sub)} got ${id} twice`)
    const knowledge = this.#know(topic)
    if (knowledge.isUnplaced && delivery.source === "live") knowledge.floor = Math.max(knowledge.floor, row.order)
    if (account.isUnplaced && delivery.source === "live") {
      account.isUnplaced = false
      account.floor = row.order
      knowledge.begins.add(id)
    }
    knowledge.taken.set(id, this.received)
    account.first ??= id
    account.given.add(id)
    this.#show(account, row, delivery)
  }

  /** Caught-up messages come first; those that came meanwhile wait, for a while. */
  #checkHeld({ sub, owedSince }: Account, source: Delivery["source"]): void {
    const { topic, settings } = sub.asked
    if (!this.isCalm || owedSince === null || source === "catch-up") return
    // A store may take its time, and a stream that waits for it holds nothing: engine rule 15.
    const isStored = ({ asked }: Sub) => asked.topic === topic && asked.start.from === "cursor"
    if ([...this.accounts.keys()].some(isStored)) return
    const waited = this.#world.now - owedSince
    if (waited < settings.holdFor - 50) throw new Broken(`5: ${nameOf(sub)} got a live message before it was caught up`)
  }

  /** Puts a message where the application was told to put it, and looks whether that is its place. */
  #show(account: Account, row: Row, delivery: Delivery | undefined): void {
    const { shown, sub } = account
    const before = delivery?.late?.before
    // Of what a page rendered nobody has told the time; where ids do not tell the order either, only a page does.
    const isTold = (other: Row) => this.#server.shape.ids === "integer" || !account.rendered.has(other.id)
    const isKnown = (other: Row) => (delivery?.source === "live" ? isTold(other) : account.page.includes(other.id))
    const isLatest = this.#placeOf(row) >= account.latest
    if (isLatest) account.latest = this.#placeOf(row)
    if (before === undefined) {
      if (delivery && this.#knowsOrder && !isLatest) {
        const later = shown.find(other => this.#isLater(other, row) && isKnown(other))
        if (later) throw new Broken(`5: ${nameOf(sub)} got ${row.id} after ${later.id}, not marked as late`)
        account.isDisordered = true
      }
      shown.push(row)
      return
    }
    const index = shown.findLastIndex(({ id }) => id === before)
    if (index < 0 && this.#isOnPage(sub, before)) {
      shown.unshift(row)
      account.isDisordered = true
      return
    }
    if (index < 0) throw new Broken(`5: ${nameOf(sub)} got ${row.id} late before ${before}, which it never got`)
    const next = shown[index]
    if (this.#knowsOrder && next && this.#isLater(row, next)) {
      throw new Broken(`5: ${nameOf(sub)} got ${row.id} late before ${before}, which is older`)
    }
    // Of two with the same time the page's order may not be that of their arrival.
    const isNearer = (other: Row) => this.#isLater(other, row) && next !== undefined && this.#isLater(next, other)
    const nearer = this.#server.shape.ids === "integer" && shown.slice(0, index).find(isNearer)
    const isUntold = delivery?.source === "catch-up" && nearer && !account.page.includes(nearer.id)
    if (account.isDisordered || isUntold) {
      account.isDisordered = true
    } else if (nearer) {
      throw new Broken(`5: ${nameOf(sub)} got ${row.id} late before ${before}, but ${nearer.id} is later too`)
    }
    shown.splice(index, 0, row)
  }

  /** What the endpoint repeats from before a rendered start was rendered too. */
  #isOnPage({ asked: { start, topic } }: Sub, id: string): boolean {
    return start.from === "rendered" && orderOf(topic, id) <= orderOf(topic, start.position.after)
  }

  get #knowsOrder(): boolean {
    return this.#server.shape.ids === "integer" || this.#server.shape.times
  }

  #isLater(a: Row, b: Row): boolean {
    return this.#placeOf(a) > this.#placeOf(b)
  }

  /** As far as ids or times tell it. */
  #placeOf(row: Row): number {
    return this.#server.shape.ids === "integer" ? row.order : row.at
  }

  /** What the hub says beside messages. */
  heard(sub: Sub, entry: WireEntry): void {
    const account = this.accounts.get(sub)
    if (!account) return
    if (entry[0] === "page") account.page = entry[1]
    if (entry[0] === "start") this.#began(account, entry[1])
  }

  #began(account: Account, position: Position): void {
    const { sub } = account
    if (!sub.asked.catchesUp || "position" in sub.asked.start) return
    const knowledge = this.#know(sub.asked.topic)
    const isFirst = position.after !== null && account.first === position.after
    const isTold = account.isUnplaced && position.after !== null && account.given.has(position.after)
    const place = orderOf(knowledge.topic, position.after)
    // Nobody could say where "now" was: the first live message is its place, or the first that was taken after that was told.
    if (isFirst || isTold) knowledge.floor = Math.max(knowledge.floor, place)
    if (isTold) Object.assign(account, { isUnplaced: false, floor: place })
    this.#checkTruth(knowledge, position, `${nameOf(sub)} was started`)
    account.start ??= position
  }

  /** The server has confirmed the subscription, and the hub has heard it. */
  confirmed(identifier: string): void {
    const knowledge = this.#knowledge.get(identifier)
    knowledge?.confirmedAt.push(this.#world.now)
  }

  // 6: the cursor

  /** The hub wants this row to be written, which takes a while. */
  saving(row: StoredRow): void {
    this.#saving.set(row, { at: this.#world.now, received: this.received })
  }

  written(key: string, row: StoredRow, before: StoredRow | undefined): void {
    const { position } = row
    const knowledge = this.#byKey.get(key)
    if (!knowledge) throw new Broken("7: a row of no stream was written")
    this.#checkTruth(knowledge, position, "the cursor was stored")
    const isMoved = before && (this.#saving.get(before)?.at ?? -Infinity) <= knowledge.movedAt
    if (before && !isMoved) {
      this.#checkForward(knowledge, before.position, position, this.#saving.get(row)?.received ?? 0)
    }
  }

  /** `after` goes back only where everything that was covered is covered still, as seen. What came since, the next row names. */
  #checkForward(knowledge: Knowledge, from: Position, to: Position, received: number): void {
    const { topic } = knowledge
    const old = orderOf(topic, from.after)
    const place = orderOf(topic, to.after)
    if (place >= old || to.seen.length >= SEEN_LIMIT) return // fewer seen ids are harmless
    const seen = new Set(to.seen)
    const covered = (row: Row) => row.order <= place || seen.has(row.id)
    for (const row of topic.rows) {
      const was = row.order <= old || from.seen.includes(row.id)
      const isOurs = (knowledge.taken.get(row.id) ?? Infinity) <= received || knowledge.rendered.has(row.id)
      if (!was || !isOurs || covered(row) || this.#isExcused(row)) continue
      throw new Broken(`6: the cursor moved back from ${from.after} to ${to.after}: ${row.id} is no longer covered`)
    }
  }

  /** Everything up to this position has been taken, or was on a page, or was told to be out of reach. */
  #checkTruth(knowledge: Knowledge, { after, seen }: Position, what: string): void {
    const { topic, taken, rendered, begins } = knowledge
    if (after !== null && begins.has(after)) knowledge.floor = Math.max(knowledge.floor, orderOf(topic, after))
    const { floor } = knowledge
    for (const row of topic.between(floor, orderOf(topic, after))) {
      if (taken.has(row.id) || rendered.has(row.id) || row.at <= knowledge.gapAt || this.#isExcused(row)) continue
      throw new Broken(`6: ${what} at ${after}, but nobody has taken ${row.id}`)
    }
    for (const id of seen) {
      const row = topic.byId.get(id)
      if (row && (row.at <= knowledge.gapAt || this.#isExcused(row))) continue
      if (taken.has(id) || rendered.has(id) || orderOf(topic, id) <= floor) continue
      throw new Broken(`6: ${what} with ${id} as seen, which nobody has taken`)
    }
  }

  /** Engine rule 5, or nobody can return it any more. Without times, an item that another page follows counts as settled. */
  #isExcused(row: Row): boolean {
    if (!this.#server.shape.times && this.#isPaged && row.visibleAt > row.at) return true
    return row.deletedAt <= this.#world.now || row.visibleAt - row.at > this.#settleFor
  }

  // 2: what the endpoint is asked

  asked({ topic, limit, result, isGivenUp }: Request): void {
    this.requests += 1
    if (isGivenUp) return
    const knowledge = this.#know(topic)
    if (limit === 0) {
      knowledge.isUnplaced = true
      knowledge.isCursorKnown = result.type === "page" && result.cursor !== undefined
    }
    if (result.type === "gone") {
      knowledge.isUnplaced = true
      knowledge.movedAt = this.#world.now
    }
    if (result.type !== "page") return
    if (result.hasMore ?? result.messages.length >= limit) this.#isPaged = true
    const { largestPage } = this
    if (result.messages.length > largestPage.entries) largestPage.entries = result.messages.length
    const texts = (result.messages as { text?: string }[]).reduce(
      (sum, message) => sum + (message?.text?.length ?? 0),
      0,
    )
    const bytes = 1.2 * texts + 300 * result.messages.length + 1_000
    if (bytes > largestPage.bytes) largestPage.bytes = bytes
    if (limit > 0) knowledge.isUnplaced = false
    else {
      knowledge.isUnplaced = true
      if (result.cursor !== undefined) knowledge.floor = Math.max(knowledge.floor, orderOf(topic, result.cursor))
    }
  }

  // 3 and 9: at the end, when everything has healed

  checkNothingLost(): void {
    for (const account of this.accounts.values()) {
      const { sub } = account
      if (!isHeld(account) || !sub.asked.catchesUp) continue
      const lost = sub.asked.topic.rows.find(row => this.#isOwed(account, row))
      if (lost) throw new Broken(`3: ${nameOf(sub)} never got ${lost.id}`)
    }
  }

  /** Whoever lives hears what is sent now. */
  checkHeard(probes: ReadonlyMap<Topic, Row>): void {
    for (const account of this.accounts.values()) {
      const { sub } = account
      if (!isHeld(account)) continue
      const probe = probes.get(sub.asked.topic)
      if (probe && !account.given.has(probe.id) && !account.nonces.has(probe.nonce)) {
        throw new Broken(`9: ${nameOf(sub)} is deaf after everything has healed`)
      }
    }
  }

  #isOwed({ sub, given, start, gapAt, floor, isUnplaced }: Account, row: Row): boolean {
    if (isUnplaced || row.order <= floor) return false
    if (given.has(row.id) || row.visibleAt > this.#world.now || row.at <= gapAt || this.#isExcused(row)) {
      return false
    }
    const position = "position" in sub.asked.start ? sub.asked.start.position : start
    if (!position) return false
    return row.order > orderOf(sub.asked.topic, position.after) && !position.seen.includes(row.id)
  }

  #know(topic: Topic): Knowledge {
    const knowledge = this.#knowledge.get(topic.identifier)
    if (!knowledge) throw new Broken("7: a stream that does not exist")
    return knowledge
  }
}

function orderOf(topic: Topic, id: string | null): number {
  if (id === null) return -Infinity
  const row = topic.byId.get(id)
  if (!row) throw new Broken(`6: ${id} is no message of this stream`)
  return row.order
}

function nameOf(sub: Sub): string {
  return `tab ${sub.tab.id}, subscription to ${sub.asked.topic.identifier}`
}

/** Whether anything is promised to it still. */
function isHeld({ sub, isRejected }: Account): boolean {
  return sub.number !== 0 && !isRejected && !sub.tab.isClosed && !sub.tab.isForgotten
}
