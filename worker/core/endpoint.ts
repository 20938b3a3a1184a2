// Whom a stream asks for what it missed, and how it reads the messages: as the newest reader that catches up wants it.

import type { CatchUp, StreamSettings, Want } from "../../shared/bridge.ts"
import { identify, type Identity, type MessageShape } from "../../shared/entry.ts"
import type { Id } from "../../shared/position.ts"
import type { Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import { PageAsk, type Fetches, type PageResult } from "./page-ask.ts"

type Config = { catchUp: CatchUp; shape: MessageShape; settings: StreamSettings }

export class Endpoint {
  #config: Config | null = null
  /** The credentials with which it refused: asking again needs others. */
  #refusedVersion: number | null = null
  readonly #ctx: Context
  readonly #fetches: Fetches
  readonly #credentials: Credentials

  constructor(ctx: Context, fetches: Fetches, credentials: Credentials) {
    this.#ctx = ctx
    this.#fetches = fetches
    this.#credentials = credentials
  }

  /** @param want `null`: nobody catches up, and no message is read for its id */
  configure(want: (Want & { catchUp: CatchUp }) | null): void {
    this.#config = want && { catchUp: want.catchUp, shape: want.message, settings: want.settings }
  }

  /** Somebody catches up. */
  get isThere(): boolean {
    return this.#config !== null
  }

  get settings(): StreamSettings | null {
    return this.#config?.settings ?? null
  }

  get settleFor(): number {
    return this.#config?.settings.settleFor ?? 0
  }

  get isRefused(): boolean {
    return this.#refusedVersion === this.#credentials.version
  }

  refused(): void {
    this.#refusedVersion = this.#credentials.version
  }

  /** A new cable is a new chance. */
  confirmed(): void {
    this.#refusedVersion = null
  }

  identify(message: unknown): Identity {
    return this.#config ? identify(message, this.#config.shape) : EPHEMERAL
  }

  /** What came after an id; asked until it is answered. */
  ask(after: Id | null, done: (result: PageResult) => void): PageAsk {
    return this.#question(after, null, true, done)
  }

  /** Where "now" is: the newest id, `null` for an empty stream, `undefined` if the endpoint does not say. */
  askNow(done: (cursor: Id | null | undefined, isAnswered: boolean) => void): PageAsk {
    return this.#question(null, 0, false, result => {
      if (result.type === "page") done(result.cursor, true)
      else done(undefined, false)
    })
  }

  /** @param limit `null`: as many as the application says */
  #question(after: Id | null, limit: number | null, retries: boolean, done: (result: PageResult) => void): PageAsk {
    if (!this.#config) throw new Error("a stream without catchUp never asks")
    const { catchUp, shape } = this.#config
    const question = { catchUp, shape, after, limit: limit ?? catchUp.limit, retries }
    return new PageAsk(this.#ctx, this.#fetches, this.#credentials, question, result => {
      // It answers somebody: it may be asked for everybody again.
      if (result.type === "page" || result.type === "gone") this.#refusedVersion = null
      done(result)
    })
  }
}

const EPHEMERAL: Identity = { id: null, at: null, mangled: false }
