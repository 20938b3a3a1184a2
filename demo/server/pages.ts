// The two pages, rendered with their history as a Rails view would; what comes after is up to demo/page.

import type { Context } from "hono"

import type { PageData } from "../page/data.ts"
import { conversationName } from "./channels.ts"
import type { App } from "./http.ts"
import type { Author, Messages } from "./messages.ts"
import { layout } from "./views/layout.ts"

const WEBCHAT = 42
const RENDERED_MESSAGES = 30
const FIRST_CONVERSATION = "Order 1042"

export function servePages(app: App, messages: Messages): void {
  app.get("/", context => page(context, "visitor", messages))
  app.get("/agent", context => page(context, "agent", messages))
}

function page(context: Context, role: Author, messages: Messages): Response | Promise<Response> {
  const conversation = conversationName(context.req.query("conversation") ?? FIRST_CONVERSATION)
  const log = messages.before(conversation, null, RENDERED_MESSAGES)
  const data: PageData = {
    role,
    webchat: WEBCHAT,
    session: role,
    conversation,
    ids: log.messages.map(({ id }) => id),
    reactions: log.messages.filter(({ type }) => type.startsWith("reaction.")),
    seen: messages.seen(conversation),
    hasMore: log.hasMore,
  }
  const shown = log.messages.filter(({ type }) => type === "message")
  // Not "no-store", which keeps pages out of the back/forward cache. An old page is no harm: it catches up from its ids.
  context.header("Cache-Control", "no-cache")
  return context.html(layout(data, shown, role === "agent" ? messages.conversations() : []))
}
