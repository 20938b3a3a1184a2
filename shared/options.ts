// Every option: what it means, its unit, its default, and what is wrong with a wrong one. Written once, here.

import type { CatchUp, HostKind, HubSettings, Start, StreamSettings } from "./bridge.ts"
import type { MessageShape } from "./entry.ts"
import { CableError } from "./errors.ts"
import { rendered, type Id } from "./position.ts"
import { absoluteURL } from "./url.ts"

/** A server may only be asked with credentials that a live page knows. `headers` go to cable and catch-up origins only. */
export type Credentials = { url?: string; headers?: Readonly<Record<string, string>> }

export type ConsumerOptions = {
  /** Whom the cable is authenticated as. Default: `<meta name="trunkline-identity">`. */
  identity?: string
  /** Name of a query parameter that tells the server a digest of `identity`: SHA-256, hexadecimal. Default: none is sent. */
  identityParam?: string
  /**
   * Where the worker's script is, or a function that makes the worker, with the name given. Default:
   * `<meta name="trunkline-worker">`, else next to the module.
   */
  worker?: string | URL | TrustedURL | ((name: string) => SharedWorker)
  /** Where the hub runs. Default `"auto"`: the best that this browser and page can do. */
  host?: "auto" | HostKind
  /** Asked for each opening of the cable and when the server refuses; any live tab may be asked. */
  credentials?: (reason: "open" | "unauthorized" | "rejected") => Credentials | Promise<Credentials>
  /** Milliseconds that a subscription outlives its last subscriber on the wire. Default 1,000. */
  linger?: number
  /** UTF-16 units; larger frames are counted and skipped. Default 1,048,576. */
  maxFrameBytes?: number
}

/** The browser's TrustedScriptURL: anything else that turns into a URL by itself. */
export type TrustedURL = { toString(): string }

export type SubscriptionOptions = {
  /**
   * From where on messages are wanted; required with `catchUp`. `null`: from the beginning; an id, or the last rendered
   * ids, oldest first: what the page shows; `"cursor"`: where this browser left off; `"now"`.
   */
  after?: null | string | number | readonly (string | number)[]
  catchUp?: CatchUpOptions
  message?: {
    /** Dotted path of a message's id. Default `"id"`. */
    id?: string
    /** Dotted path of its time: a date string, milliseconds, or seconds. Default `"created_at"`. */
    at?: string
    /** Only live messages that match have ids; all others are ephemeral. Default: all. */
    only?: Readonly<Record<string, unknown>>
  }
  /** Milliseconds between two reconciles while a visible tab wants the stream. Default 60,000. */
  reconcileEvery?: number
  /** Milliseconds after which a message counts as settled: none may still commit before it. Default 5,000. */
  settleFor?: number
  /** Milliseconds for which live messages wait for a catch-up that fails. Default 10,000. */
  holdFor?: number
  /** Milliseconds for which live messages wait to be sorted. Default 0: speed before order. */
  reorderFor?: number
  /** `false`: this subscription shares no answers with other tabs; its identifier gets a parameter of its own. Default true. */
  share?: boolean
}

export type CatchUpOptions = {
  /** Asked with GET; relative to the page. */
  url: string | URL
  params?: Readonly<Record<string, string | number | boolean | null | undefined>>
  headers?: Readonly<Record<string, string>>
  /** Names of the query parameters. Defaults `"after_id"`, `"limit"`. */
  cursorParam?: string
  limitParam?: string
  /** Messages per page. Default 200. */
  limit?: number
  /** Milliseconds. Default 10,000. */
  timeout?: number
  /** Dotted paths in the answer. Defaults `"messages"`, `"has_more"`, `"cursor"`. */
  messages?: string
  hasMore?: string
  cursor?: string
}

/** A subscription's options with every default filled in. */
export type Resolved = {
  start: Start
  catchUp: CatchUp | null
  message: MessageShape
  settings: StreamSettings
  share: boolean
}

const HUB_DEFAULTS: HubSettings = { linger: 1_000, maxFrameBytes: 1_048_576 }
const STREAM_DEFAULTS: StreamSettings = { reconcileEvery: 60_000, settleFor: 5_000, holdFor: 10_000, reorderFor: 0 }
const MESSAGE_DEFAULTS: MessageShape = { id: "id", at: "created_at", only: null }
const CATCH_UP_DEFAULTS = {
  cursorParam: "after_id",
  limitParam: "limit",
  limit: 200,
  timeout: 10_000,
  messages: "messages",
  hasMore: "has_more",
  cursor: "cursor",
}

/** What a value must be like, by an example, most often its default. Whatever is read where it is used has none. */
type Examples = Readonly<Record<string, unknown>>

const CONSUMER: Examples = {
  identity: "",
  identityParam: "for",
  worker: undefined,
  host: ["auto", "shared-worker", "leader-tab", "page"],
  credentials: () => ({}),
  ...HUB_DEFAULTS,
}
const SUBSCRIPTION: Examples = {
  after: undefined,
  catchUp: undefined,
  message: undefined,
  share: true,
  ...STREAM_DEFAULTS,
}
const CATCH_UP: Examples = { url: undefined, params: undefined, headers: undefined, ...CATCH_UP_DEFAULTS }

const AFTER = 'null for the beginning, an id, the rendered ids, "cursor" or "now"'
const WANTED: Readonly<Record<string, string>> = {
  string: "a string that is not empty",
  boolean: "true or false",
  function: "a function",
  object: "an object",
}

/** @throws CableError `unknown-option`, `bad-option` */
export function resolveConsumerOptions(options: ConsumerOptions): HubSettings {
  return pick(check(options, CONSUMER, "createConsumer"), HUB_DEFAULTS)
}

/**
 * @param base what relative URLs are relative to
 * @throws CableError `unknown-option`, `bad-option`, `bad-url`, `catch-up-without-url`, `catch-up-without-after`
 */
export function resolveSubscriptionOptions(options: SubscriptionOptions, base: string): Resolved {
  const { after, catchUp, message = {}, share = true } = check(options, SUBSCRIPTION, "subscriptions.create")
  check(message, MESSAGE_DEFAULTS, "message")
  if (catchUp && after === undefined) {
    throw new CableError("catch-up-without-after", `catchUp needs to know from where on: pass \`after\`, ${AFTER}.`)
  }
  return {
    start: resolveStart(after),
    catchUp: catchUp ? resolveCatchUp(catchUp, base) : null,
    message: pick(message, MESSAGE_DEFAULTS),
    settings: pick(options, STREAM_DEFAULTS),
    share,
  }
}

function resolveStart(after: SubscriptionOptions["after"]): Start {
  if (after === undefined || after === "now") return { from: "now" }
  if (after === "cursor") return { from: "cursor" }
  const ids = after === null ? [] : Array.isArray(after) ? after : [after]
  return { from: "rendered", position: rendered(ids.map(readId)) }
}

function readId(id: unknown): Id {
  if (!isLike("id", id) && !Number.isSafeInteger(id)) throw bad("after", AFTER)
  return String(id)
}

function resolveCatchUp(options: CatchUpOptions, base: string): CatchUp {
  const { url, params = {}, headers } = check(options, CATCH_UP, "catchUp")
  if (!url) {
    throw new CableError(
      "catch-up-without-url",
      "catchUp needs `url`: the endpoint that returns what came after an id.",
    )
  }
  const texts = Object.entries(params).flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]))
  return {
    ...pick(options, CATCH_UP_DEFAULTS),
    url: absoluteURL(url, base, /^https?:/, "an http(s) URL"),
    params: Object.fromEntries(texts) as Record<string, string>,
    headers: { ...headers },
  }
}

/** What `defaults` name: as given, else by default. */
function pick<T extends object>(options: Partial<T>, defaults: T): T {
  const values = { ...defaults }
  for (const name in defaults) values[name] = options[name] ?? defaults[name]
  return values
}

/** @returns the same options */
function check<T extends object>(options: T, examples: Examples, where: string): T {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(examples, name)) {
      const known = Object.keys(examples).join(", ")
      throw new CableError("unknown-option", `${where} knows no option "${name}": use one of ${known}.`)
    }
    const example = examples[name]
    if (value === undefined || example === undefined) continue
    const least = name === "limit" ? 1 : 0
    if (Array.isArray(example)) {
      if (!example.includes(value)) throw bad(name, `one of ${example.join(", ")}`)
    } else if (!isLike(example, value, least)) {
      throw bad(name, WANTED[typeof example] ?? `a number from ${least} up`)
    }
  }
  return options
}

function isLike(example: unknown, value: unknown, least = 0): boolean {
  if (typeof value === "number" && !(value >= least && value < Infinity)) return false
  return typeof value === typeof example && (value !== "" || example === "")
}

function bad(name: string, wanted: string): CableError {
  return new CableError("bad-option", `${name} must be ${wanted}.`)
}
