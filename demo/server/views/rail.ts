// The agent's list of conversations.

import { html, raw } from "hono/html"

import type { Conversation } from "../messages.ts"
import type { Html } from "./html.ts"

export function rail(conversations: readonly Conversation[], current: string): Html {
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
