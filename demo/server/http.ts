// HTTP: what came after an id, what came before one, a message posted. Any Rails controller could serve the same.

import type { HttpBindings } from "@hono/node-server"
import { Hono, type Context } from "hono"
import { cors } from "hono/cors"

import { conversationName, parseRecord } from "./channels.ts"
import { control, UnknownOrder, type Controlled } from "./control.ts"
import type { CatchUpFault, Control } from "./faults.ts"
import type { Author, Draft, MessageType } from "./messages.ts"
import type { Origins } from "./origins.ts"
import type { Report } from "./stats.ts"
import { isWelcome } from "./sessions.ts"
import type { Timers } from "./timers.ts"

const DEFAULT_LIMIT = 200
const MAX_LIMIT = 1_000
const HISTORY_LIMIT = 30
const MAX_BODY_LENGTH = 2_000
const TYPES: readonly MessageType[] = ["message", "reaction.created", "reaction.destroyed", "seen"]

export type Serving = Controlled & { origins: Origins; timers: Timers; report: () => Report }

export type App = Hono<{ Bindings: HttpBindings }>

export function createApp(serving: Serving): App {
  const app: App = new Hono()
  app.use("/webchats/*", async (context, next) => {
    if (!serving.faults.offline) return next()
    context.env.incoming.socket.destroy()
    return context.body(null)
  })
  app.use(
    "/webchats/*",
    cors({ origin: origin => (serving.origins.allows(origin) ? origin : null), credentials: true }),
  )
  app.use("/webchats/*", async (context, next) => {
    const { method, path } = context.req
    const { after_id = null, limit = null } = context.req.query()
    const answered = serving.stats.request({ method, path, after_id, limit })
    await next()
    answered(context.res.status)
  })
  app.get("/webchats/:id/messages", context => catchUp(context, serving))
  app.get("/webchats/:id/history", context => history(context, serving))
  app.post("/webchats/:id/messages", context => post(context, serving))
  app.get("/_control/stats", context => context.json(serving.report()))
  app.post("/_control", context => order(context, serving))
  return app
}

async function catchUp(context: Context, serving: Serving): Promise<Response> {
  const fault = serving.faults.catchUpStrikes()
  if (fault?.delay) await serving.timers.wait(fault.delay)
  if (fault && (fault.status !== undefined || fault.body !== undefined)) return misanswer(fault)
  const { conversation, after_id, limit = String(DEFAULT_LIMIT) } = context.req.query()
  if (!isWelcome(sessionOf(context), serving.faults)) return context.json({ error: "No such session" }, 401)
  if (!/^\d+$/.test(limit)) return context.json({ error: "limit must be a number from 0 up" }, 422)
  const page = serving.messages.after(
    conversationName(conversation),
    after_id ? readId(after_id) : null,
    Math.min(Number(limit), MAX_LIMIT),
    serving.faults.overlap,
  )
  if (page.type === "unknown-id") return context.json({ error: `No message ${after_id} here, or no longer` }, 410)
  return context.json({ messages: page.messages, has_more: page.hasMore, cursor: page.cursor })
}

function history(context: Context, { messages, faults }: Serving): Response {
  if (!isWelcome(sessionOf(context), faults)) return context.json({ error: "No such session" }, 401)
  const { conversation, before_id, limit } = context.req.query()
  const page = messages.before(
    conversationName(conversation),
    before_id ? readId(before_id) : null,
    Math.min(Number(limit ?? HISTORY_LIMIT) || HISTORY_LIMIT, MAX_LIMIT),
  )
  return context.json({ messages: page.messages, has_more: page.hasMore })
}

async function post(context: Context, { publisher, faults }: Serving): Promise<Response> {
  const json = parseRecord(await context.req.text())
  if (!json) return context.json({ error: "The request is not a JSON object" }, 400)
  if (!isWelcome(json["session"], faults)) return context.json({ error: "No such session" }, 401)
  const draft = readDraft(json)
  if (typeof draft === "string") return context.json({ error: draft }, 422)
  const { message, created } = await publisher.say(draft)
  return context.json(message, created ? 201 : 200)
}

async function order(context: Context, serving: Serving): Promise<Response> {
  if (!serving.origins.allows(context.req.header("origin"))) return context.json({ error: "Not from there" }, 403)
  const orders = parseRecord(await context.req.text())
  if (!orders) return context.json({ error: "The request is not a JSON object" }, 400)
  try {
    return context.json(control(orders as Control, serving))
  } catch (error) {
    if (error instanceof UnknownOrder) return context.json({ error: error.message }, 422)
    throw error
  }
}

/** @returns a sentence where the message cannot be taken */
function readDraft(json: Record<string, unknown>): Draft | string {
  const { body, author, conversation, idempotency_key: key, type = "message", message_id: messageId = null } = json
  if (typeof body !== "string" || (body.trim() === "" && type !== "seen")) return "Body can't be blank"
  if (body.length > MAX_BODY_LENGTH) return "Body is too long (maximum is 2,000 characters)"
  if (author !== "visitor" && author !== "agent") return "Author must be visitor or agent"
  if (!TYPES.includes(type as MessageType)) return `Type must be one of ${TYPES.join(", ")}`
  if (messageId !== null && !Number.isSafeInteger(messageId)) return "Message must be an id"
  return {
    type: type as MessageType,
    conversation: conversationName(conversation),
    author: author satisfies Author,
    body,
    messageId: messageId as number | null,
    key: typeof key === "string" && key !== "" ? key : null,
  }
}

/** The header goes before the query: it is the one that can be renewed. */
function sessionOf(context: Context): string | undefined {
  return context.req.header("authorization")?.replace(/^Bearer /i, "") ?? context.req.query("session")
}

/** An id that is no number never existed. */
function readId(text: string): number {
  const id = Number(text)
  return Number.isSafeInteger(id) ? id : -1
}

function misanswer({ status = 200, retryAfter, body = { error: "Told to fail" } }: CatchUpFault): Response {
  const headers = new Headers({ "Content-Type": "application/json" })
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter))
  return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers })
}
