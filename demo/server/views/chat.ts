// The conversation, with the history that the page starts from.

import { html, raw } from "hono/html"

import type { PageData } from "../../page/data.ts"
import type { Message } from "../messages.ts"
import type { Html } from "./html.ts"
import { messageItem } from "./message.ts"

const SEND_ICON = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M10 16V4m0 0L4.8 9.2M10 4l5.2 5.2" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>`

export function chat(data: PageData, shown: readonly Message[]): Html {
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
