// One message, as the server renders it and as the page makes its own from the template.

import { html } from "hono/html"

import type { Author, Message } from "../messages.ts"
import type { Html } from "./html.ts"

/** The first three that most fonts have. */
const REACTIONS = ["❤️", "😂", "😮"]

/** @param message none for the template */
export function messageItem(message: Message | null, role: Author): Html {
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
      <span class="message__remedy" hidden>
        <button class="message__retry" type="button">Try again</button>
        <button class="message__discard" type="button">Discard</button>
      </span>
    </p>
  </li>`
}
