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

/** Whether a value works, and what would. */
type Rule = readonly [works: (value: unknown) => boolean, wanted: string]
type Rules = Readonly<Record<string, Rule>>

const HOSTS = ["auto", "shared-worker", "leader-tab", "page"]
const ANYTHING: Rule = [() => true, ""] // read where it is used
const TEXT: Rule = [value => typeof value === "string" && value !== "", "a string that is not empty"]
const NUMBER = atLeast(0)

const CONSUMER_RULES: Rules = {
  identity: [value => typeof value === "string", "a string that names the user"],
  identityParam: TEXT,
  worker: ANYTHING,
  host: [value => HOSTS.includes(value as string), `one of ${HOSTS.join(", ")}`],
  credentials: [value => typeof value === "function", "a function"],
  ...all(HUB_DEFAULTS, NUMBER),
}
const SUBSCRIPTION_RULES: Rules = {
  after: ANYTHING,
  catchUp: ANYTHING,
  message: ANYTHING,
  share: [value => typeof value === "boolean", "true or false"],
  ...all(STREAM_DEFAULTS, NUMBER),
}
const MESSAGE_RULES: Rules = {
  id: TEXT,
  at: TEXT,
  only: [value => typeof value === "object", "an object of paths and values"],
}
const CATCH_UP_RULES: Rules = {
  url: ANYTHING,
  params: ANYTHING,
  headers: ANYTHING,
  ...all(CATCH_UP_DEFAULTS, TEXT),
  limit: atLeast(1),
  timeout: NUMBER,
}

/** @throws CableError `unknown-option`, `bad-option` */
export function resolveConsumerOptions(options: ConsumerOptions): HubSettings {
  return pick(check(options, CONSUMER_RULES, "createConsumer"), HUB_DEFAULTS)
}

/**
 * @param base what relative URLs are relative to
 * @throws CableError `unknown-option`, `bad-option`, `bad-url`, `catch-up-without-url`, `catch-up-without-after`
 */
export function resolveSubscriptionOptions(options: SubscriptionOptions, base: string): Resolved {
  const { after, catchUp, message = {}, share = true } = check(options, SUBSCRIPTION_RULES, "subscriptions.create")
  check(message, MESSAGE_RULES, "message")
  if (catchUp && after === undefined) {
    throw new CableError(
      "catch-up-without-after",
      'catchUp needs to know from where on: pass `after` (null for an empty list, an id, the rendered ids, "cursor" or "now").',
    )
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
  if (!TEXT[0](id) && !Number.isSafeInteger(id)) throw bad("after", 'null, an id, an array of ids, "cursor" or "now"')
  return String(id)
}

function resolveCatchUp(options: CatchUpOptions, base: string): CatchUp {
  const { url, params = {}, headers } = check(options, CATCH_UP_RULES, "catchUp")
  if (!url) {
    throw new CableError(
      "catch-up-without-url",
      "catchUp needs `url`: the endpoint that returns what came after an id.",
    )
  }
  const texts = Object.entries(params).flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]))
  return {
    ...pick(options, CATCH_UP_DEFAULTS),
    url: absolute(url, base),
    params: Object.fromEntries(texts) as Record<string, string>,
    headers: { ...headers },
  }
}

function absolute(url: string | URL, base: string): string {
  try {
    const { href } = new URL(url, base)
    if (/^https?:/.test(href)) return href
  } catch {
    // told below, together with URLs of other protocols
  }
  throw new CableError("bad-url", `catchUp.url ${JSON.stringify(String(url))} is not an http(s) URL: correct it.`)
}

/** What `defaults` name: as given, else by default. */
function pick<T extends object>(options: Partial<T>, defaults: T): T {
  const values = { ...defaults }
  for (const name in defaults) values[name] = options[name] ?? defaults[name]
  return values
}

/** @returns the same options */
function check<T extends object>(options: T, rules: Rules, where: string): T {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) && rules[name]
    if (!rule) {
      const known = Object.keys(rules).join(", ")
      throw new CableError("unknown-option", `${where} knows no option "${name}": use one of ${known}.`)
    }
    if (value !== undefined && !rule[0](value)) throw bad(name, rule[1])
  }
  return options
}

function all(options: object, rule: Rule): Rules {
  return Object.fromEntries(Object.keys(options).map(name => [name, rule]))
}

function atLeast(least: number): Rule {
  return [value => typeof value === "number" && value >= least && value < Infinity, `a number from ${least} up`]
}

function bad(name: string, wanted: string): CableError {
  return new CableError("bad-option", `${name} must be ${wanted}.`)
}
