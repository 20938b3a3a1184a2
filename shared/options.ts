// Every option: what it means, its unit, its default, and what is wrong with a wrong one. Written once, here.

import type { CatchUp, HostKind, HubSettings, Start, StreamSettings } from "./bridge.ts"
import type { MessageShape } from "./entry.ts"
import { CableError } from "./errors.ts"
import { rendered, type Id } from "./position.ts"

/** A server may only be asked with credentials that a live page knows. `headers` go to cable and catch-up origins only. */
export type Credentials = { url?: string; headers?: Readonly<Record<string, string>> }

export type ConsumerOptions = {
  /** Whom the cable is authenticated as. Default: `<meta name="trunkline-identity">`. */
  identity?: string
  /** Name of a query parameter that tells the server a digest of `identity`: SHA-256, hexadecimal. Default: none is sent. */
  identityParam?: string
  /** Where the worker's script is, or a function that makes the worker, with the name given. Default: next to the module. */
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

const STREAM_DEFAULTS: StreamSettings = { reconcileEvery: 60_000, settleFor: 5_000, holdFor: 10_000, reorderFor: 0 }
const HUB_DEFAULTS: HubSettings = { linger: 1_000, maxFrameBytes: 1_048_576 }
const CATCH_UP_DEFAULTS = {
  cursorParam: "after_id",
  limitParam: "limit",
  limit: 200,
  timeout: 10_000,
  messages: "messages",
  hasMore: "has_more",
  cursor: "cursor",
}
const CONSUMER_OPTIONS = ["identity", "identityParam", "worker", "host", "credentials", ...Object.keys(HUB_DEFAULTS)]
const SUBSCRIPTION_OPTIONS = ["after", "catchUp", "message", "share", ...Object.keys(STREAM_DEFAULTS)]
const CATCH_UP_OPTIONS = ["url", "params", "headers", ...Object.keys(CATCH_UP_DEFAULTS)]
const HOSTS = ["auto", "shared-worker", "leader-tab", "page"]

/** @throws CableError `unknown-option`, `bad-option` */
export function resolveConsumerOptions(options: ConsumerOptions): HubSettings {
  known(options, CONSUMER_OPTIONS, "createConsumer")
  const { identity, host, credentials } = options
  texts(options, ["identityParam"])
  if (identity !== undefined && typeof identity !== "string") throw bad("identity", "a string that names the user")
  if (host !== undefined && !HOSTS.includes(host)) throw bad("host", `one of ${HOSTS.join(", ")}`)
  if (credentials !== undefined && typeof credentials !== "function") throw bad("credentials", "a function")
  return numbers(options, HUB_DEFAULTS)
}

/**
 * @param base what relative URLs are relative to
 * @throws CableError `unknown-option`, `bad-option`, `bad-url`, `catch-up-without-url`, `catch-up-without-after`
 */
export function resolveSubscriptionOptions(options: SubscriptionOptions, base: string): Resolved {
  known(options, SUBSCRIPTION_OPTIONS, "subscriptions.create")
  const { after, catchUp, message = {}, share = true } = options
  known(message, ["id", "at", "only"], "message")
  texts(message, ["id", "at"])
  if (typeof share !== "boolean") throw bad("share", "true or false")
  if (typeof (message.only ?? {}) !== "object") throw bad("message.only", "an object of paths and values")
  if (catchUp && after === undefined) {
    throw new CableError(
      "catch-up-without-after",
      'catchUp needs to know from where on: pass `after` (null for an empty list, an id, the rendered ids, "cursor" or "now").',
    )
  }
  return {
    start: resolveStart(after),
    catchUp: catchUp ? resolveCatchUp(catchUp, base) : null,
    message: { id: message.id ?? "id", at: message.at ?? "created_at", only: message.only ?? null },
    settings: numbers(options, STREAM_DEFAULTS),
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
  const usable = (typeof id === "string" && id !== "") || Number.isSafeInteger(id)
  if (!usable) throw bad("after", 'null, an id, an array of ids, "cursor" or "now"')
  return String(id)
}

function resolveCatchUp(options: CatchUpOptions, base: string): CatchUp {
  known(options, CATCH_UP_OPTIONS, "catchUp")
  texts(options, ["cursorParam", "limitParam", "messages", "hasMore", "cursor"])
  if (!options.url) {
    throw new CableError(
      "catch-up-without-url",
      "catchUp needs `url`: the endpoint that returns what came after an id.",
    )
  }
  const url = parseURL(options.url, base)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CableError(
      "bad-url",
      `catchUp.url ${JSON.stringify(String(options.url))} is not an http(s) URL: correct it.`,
    )
  }
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.params ?? {})) if (value != null) params[name] = String(value)
  const { limit, timeout } = numbers(options, { limit: CATCH_UP_DEFAULTS.limit, timeout: CATCH_UP_DEFAULTS.timeout })
  return {
    ...CATCH_UP_DEFAULTS,
    ...defined(options),
    url: url.href,
    params,
    headers: { ...options.headers },
    limit,
    timeout,
  }
}

function parseURL(url: string | URL, base: string): URL | null {
  try {
    return new URL(url, base)
  } catch {
    return null
  }
}

/** The numeric options, each a finite number of at least 0 (`limit`: 1). */
function numbers<T extends Record<keyof T, number>>(options: object, defaults: T): T {
  const values = { ...defaults }
  for (const name in defaults) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined) continue
    const least = name === "limit" ? 1 : 0
    if (typeof value !== "number" || !(value >= least && value < Infinity)) throw bad(name, `a number from ${least} up`)
    values[name] = value as T[typeof name]
  }
  return values
}

function texts(options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name]
    if (value !== undefined && (typeof value !== "string" || value === ""))
      throw bad(name, "a string that is not empty")
  }
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function known(options: object, names: readonly string[], where: string): void {
  for (const name in options) {
    if (names.includes(name)) continue
    throw new CableError("unknown-option", `${where} knows no option "${name}": use one of ${names.join(", ")}.`)
  }
}

function bad(name: string, wanted: string): CableError {
  return new CableError("bad-option", `${name} must be ${wanted}.`)
}
