// The two pages, rendered with their history as a Rails view would; what comes after is up to demo/page.

import type { Context } from "hono"
import { html, raw } from "hono/html"

import type { PageData } from "../page/data.ts"
import { conversationName } from "./channels.ts"
import type { App } from "./http.ts"
import type { Author, Conversation, Message, Messages } from "./messages.ts"

type Html = ReturnType<typeof html>

const WEBCHAT = 42
const RENDERED_MESSAGES = 30
const FIRST_CONVERSATION = "Order 1042"
export const REACTIONS = ["👍", "❤️", "😂"]

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
  // A page from the cache of the browser would be older than the position that it renders.
  context.header("Cache-Control", "no-store")
  return context.html(layout(data, shown, role === "agent" ? messages.conversations() : []))
}

function layout(data: PageData, shown: readonly Message[], conversations: readonly Conversation[]): Html {
  const { role, conversation } = data
  const title = role === "visitor" ? "Harbour Supplies" : "Harbour Supplies · Desk"
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta name="trunkline-identity" content="${data.session}" />
        <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script type="module" src="/assets/chat.js"></script>
      </head>
      <body class="page page--${role}">
        <div class="layout">
          ${role === "agent" ? rail(conversations, conversation) : ""} ${chat(data, shown)} ${workbench(role)}
        </div>
        <template id="message-template">${messageItem(null, role)}</template>
      </body>
    </html>`
}

function rail(conversations: readonly Conversation[], current: string): Html {
  return html`<nav class="rail" aria-label="Conversations">
    <h2 class="rail__title">Conversations</h2>
    <ul class="rail__list">
      ${conversations.map(
        ({ conversation, body, author }) =>
          html`<li>
            <a
              class="rail__link"
              href="/agent?conversation=${encodeURIComponent(conversation)}"
              ${conversation === current ? raw('aria-current="page"') : ""}
            >
              <span class="rail__name">${conversation || "(no name)"}</span>
              <span class="rail__snippet">${author === "agent" ? "You: " : ""}${body}</span>
            </a>
          </li>`,
      )}
    </ul>
  </nav>`
}

function chat(data: PageData, shown: readonly Message[]): Html {
  const { role, conversation } = data
  const [name, detail] =
    role === "visitor" ? ["Harbour Supplies", `About ${conversation.toLowerCase()}`] : [conversation, "Visitor"]
  return html`<main class="chat" id="chat">
    <header class="chat__header">
      <span class="avatar" aria-hidden="true">${role === "visitor" ? "HS" : "V"}</span>
      <div class="chat__heading">
        <h1 class="chat__title">${name}</h1>
        <p class="chat__detail">${detail}</p>
      </div>
      <p class="status" data-status="opening" role="status">
        <span class="status__dot" aria-hidden="true"></span><span class="status__text">Connecting</span>
      </p>
    </header>
    <div class="chat__view" tabindex="0" aria-label="Messages">
      <p class="chat__older" data-more="${String(data.hasMore)}">
        <span class="chat__older-text">${data.hasMore ? "Earlier messages" : "Start of the conversation"}</span>
      </p>
      <ol class="messages" aria-live="polite">
        ${shown.map(message => messageItem(message, role))}
      </ol>
      <p class="typing" hidden>
        <span class="typing__dots" aria-hidden="true"></span><span class="typing__text"></span>
      </p>
    </div>
    <button class="newer" type="button" hidden></button>
    <form class="composer">
      <label class="visually-hidden" for="composer-body">Message</label>
      <textarea
        class="composer__body"
        id="composer-body"
        rows="1"
        placeholder="${role === "visitor" ? "Write to us…" : "Answer the visitor…"}"
        autocomplete="off"
      ></textarea>
      <button class="composer__send" type="submit" aria-label="Send">${raw(SEND_ICON)}</button>
      <p class="composer__count" hidden></p>
    </form>
    <script type="application/json" id="chat-data">
      ${raw(JSON.stringify(data).replaceAll("<", String.raw`\u003c`))}
    </script>
  </main>`
}

/** One message; empty for the template from which the page makes its own. */
function messageItem(message: Message | null, role: Author): Html {
  const own = message?.author === role
  return html`<li
    class="message${own ? " message--own" : ""}"
    data-id="${message?.id ?? ""}"
    data-author="${message?.author ?? ""}"
    data-key="${message?.client_key ?? ""}"
  >
    <div class="message__bubble">
      <p class="message__body" dir="auto">${message?.body ?? ""}</p>
      <div class="message__tools" role="group" aria-label="React">
        ${REACTIONS.map(emoji => html`<button class="message__react" type="button" data-emoji="${emoji}">${emoji}</button>`)}
      </div>
    </div>
    <div class="message__reactions"></div>
    <p class="message__meta">
      <time class="message__time" datetime="${message?.created_at ?? ""}"
        >${message?.created_at.slice(11, 16) ?? ""}</time
      >
      <span class="message__note"></span>
      <button class="message__retry" type="button" hidden>Try again</button>
    </p>
  </li>`
}

/** What the cable is doing, and what can be done to it. */
function workbench(role: Author): Html {
  const other = role === "visitor" ? "agent" : "visitor"
  const facts: readonly (readonly [string, string])[] = [
    ["host", "Hub runs in"],
    ["epoch", "Epoch"],
    ["socket", "Cable"],
    ["tabs", "Tabs of this identity"],
    ["cursor", "Cursor"],
    ["recovered", "Last catch-up"],
    ["sockets", "Sockets at the server"],
    ["requests", "Catch-ups it served"],
  ]
  const faults: readonly (readonly [string, string, string])[] = [
    ["deploy", "Deploy", "Replace the server's process"],
    ["drop", "Cut the cable", "Drop every socket, without a word"],
    ["silence", "Silence", "10 s without a frame or ping"],
    ["offline", "Go offline", "No cable and no requests, until switched back"],
    ["persist", "Persist without broadcast", "A message that no socket tells of"],
  ]
  return html`<aside class="workbench" aria-label="Workbench">
    <details class="workbench__fold" open>
      <summary class="workbench__summary">
        <span>Trunkline</span><span class="workbench__brief" data-fact="brief"></span>
      </summary>
      <dl class="facts">
        ${facts.map(
          ([fact, label]) =>
            html`<div class="facts__row">
              <dt>${label}</dt>
              <dd data-fact="${fact}">–</dd>
            </div>`,
        )}
      </dl>
      <div class="faults">
        ${faults.map(
          ([fault, label, hint]) =>
            html`<button class="faults__button" type="button" data-fault="${fault}" aria-pressed="false">
              <span class="faults__label">${label}</span><span class="faults__hint">${hint}</span>
            </button>`,
        )}
      </div>
      <p class="workbench__links">
        <a href="${role === "visitor" ? "/agent" : "/"}" target="_blank" rel="noopener">Open the ${other}’s page</a>
        <a href="${role === "visitor" ? "/" : "/agent"}" target="_blank" rel="noopener" data-same-page>One more tab</a>
      </p>
    </details>
  </aside>`
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0f766e"/><path d="M9 11h14M9 16h14M9 21h8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`
const SEND_ICON = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M10 16V4m0 0L4.8 9.2M10 4l5.2 5.2" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>`
