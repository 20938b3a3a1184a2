// The catch-up endpoint as wire.md has it, and every way in which it fails. It answers in the shell's words: what
// worker/catch-up.ts makes of a response is tested there.

import type { FetchResult, PageRequest } from "../../worker/core/event.ts"
import type { Network } from "./network.ts"
import { isVisible, type Row, type Server, type Topic } from "./server.ts"
import type { World } from "./world.ts"

/** What every request gets until a time of the world. */
export type Trouble = "500" | "429" | "timeout" | "garbage" | "401" | "422" | "slow" | "offline"

/** `isGivenUp`: whoever asked does not wait for the answer any more. */
export type Request = {
  topic: Topic
  after: string | null
  limit: number
  result: FetchResult
  askedAt: number
  isGivenUp: boolean
}

export class Http {
  trouble: Trouble | null = null
  until = 0
  /** Told of each request and its answer. */
  readonly #answered: (request: Request) => void
  readonly #world: World
  readonly #server: Server
  readonly #network: Network

  constructor(world: World, server: Server, network: Network, answered: (request: Request) => void) {
    this.#world = world
    this.#server = server
    this.#network = network
    this.#answered = answered
  }

  fail(trouble: Trouble, ms: number): void {
    this.trouble = trouble
    this.until = this.#world.now + ms
  }

  heal(): void {
    this.trouble = null
  }

  /** @param respond called once */
  request(
    { catchUp, after, limit }: PageRequest,
    respond: (result: FetchResult) => void,
    isGivenUp: () => boolean,
  ): void {
    const world = this.#world
    const network = this.#network
    const askedAt = world.now
    const topic = this.#server.topics.get(catchUp.params["topic"] ?? "")
    if (!topic) throw new Error("a stream that does not exist")
    const unanswered = (ms: number) => {
      this.#answered({ topic, after, limit, result: FAILED, askedAt, isGivenUp: isGivenUp() })
      world.after(ms, () => respond(FAILED))
    }
    if (network.isDown) return unanswered(world.between(1, 10))
    if (network.isSilent) return unanswered(catchUp.timeout)
    const trouble = world.now < this.until ? this.trouble : null
    const slow = trouble === "slow" ? world.between(0, 3_000) : 0
    // Slow on the way there, slow on the way back: what commits meanwhile is in the answer, or is not.
    const there = network.delay() + (world.chance(0.5) ? slow : 0)
    world.after(there, () => {
      const result = this.#answer(topic, after, limit, trouble)
      if (result === "timeout") return unanswered(catchUp.timeout - there)
      this.#answered({ topic, after, limit, result, askedAt, isGivenUp: isGivenUp() })
      world.after(network.delay() + (world.chance(0.5) ? slow : 0), () => {
        if (network.isSilent) world.after(catchUp.timeout, () => respond(FAILED))
        else respond(network.isDown ? FAILED : result)
      })
    })
  }

  #answer(topic: Topic, after: string | null, limit: number, trouble: Trouble | null): FetchResult | "timeout" {
    const world = this.#world
    switch (trouble) {
      case "500":
      case "offline":
        return FAILED
      case "429":
        return { type: "failed", retryAfter: world.between(1, 5) * 1_000 }
      case "timeout":
        return "timeout"
      case "garbage":
        return this.#garbage()
      case "401":
        return { type: "unauthorized" }
      case "422":
        return { type: "gone" }
      case "slow":
      case null:
        return this.#page(topic, after, limit)
    }
  }

  /** 200 with a body that is not what was agreed. */
  #garbage(): FetchResult {
    const bodies: FetchResult[] = [
      FAILED,
      { type: "page", messages: [{ no: "id" }], hasMore: false, cursor: undefined },
      { type: "page", messages: [], hasMore: true, cursor: undefined },
      { type: "page", messages: [null, 7, "x"], hasMore: null, cursor: undefined },
    ]
    return this.#world.pick(bodies) ?? FAILED
  }

  #page(topic: Topic, after: string | null, limit: number): FetchResult {
    const { shape } = this.#server
    const { now } = this.#world
    const newest = topic.rows.findLast(row => isVisible(row, now))
    const cursor = shape.cursor ? (newest?.id ?? null) : undefined
    const asked = after === null ? null : topic.byId.get(after)
    const isKnown = asked !== undefined && (asked === null || asked.deletedAt > now)
    if (!isKnown && (shape.strict || shape.ids === "uuid")) return { type: "gone" }
    const place = asked ? asked.order : after === null ? -Infinity : Number(after)
    if (limit === 0) return { type: "page", messages: [], hasMore: shape.hasMore ? false : null, cursor }
    const first = topic.beyond(place)
    const news: Row[] = []
    for (let index = first; index < topic.rows.length && news.length <= limit; index++) {
      const row = topic.rows[index]
      if (row && isVisible(row, now)) news.push(row)
    }
    const hasMore = news.length > limit
    const rows = [...this.#repeated(topic, first, asked?.at, limit), ...news.slice(0, limit)]
    return { type: "page", messages: rows.map(row => row.message), hasMore: shape.hasMore ? hasMore : null, cursor }
  }

  /** The newest before this index; no row is older than one before it. */
  #repeated({ rows }: Topic, index: number, at: number | undefined, limit: number): Row[] {
    const { overlap } = this.#server.shape
    const repeated: Row[] = []
    if (overlap === 0 || at === undefined) return repeated
    const { now } = this.#world
    for (let row = rows[--index]; row && row.at >= at - overlap; row = rows[--index]) {
      if (repeated.length >= MOST_REPEATED * limit) break
      if (isVisible(row, now)) repeated.push(row)
    }
    return repeated.toReversed()
  }
}

/** Pages of rows that an endpoint repeats at most: each small page of a flood would repeat all of it, for minutes. */
const MOST_REPEATED = 3

const FAILED: FetchResult = { type: "failed", retryAfter: null }
