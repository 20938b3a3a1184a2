// The page around it all.

import { html } from "hono/html"

import type { PageData } from "../../page/data.ts"
import type { Conversation, Message } from "../messages.ts"
import { chat } from "./chat.ts"
import type { Html } from "./html.ts"
import { messageItem } from "./message.ts"
import { rail } from "./rail.ts"
import { workbench } from "./workbench.ts"

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0f766e"/><path d="M9 11h14M9 16h14M9 21h8" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`

export function layout(data: PageData, shown: readonly Message[], conversations: readonly Conversation[]): Html {
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
