// What the cable is doing, and what can be done to it.

import { html } from "hono/html"

import type { Author } from "../messages.ts"
import type { Html } from "./html.ts"

export function workbench(role: Author): Html {
  const other = role === "visitor" ? "agent" : "visitor"
  const facts: readonly (readonly [string, string])[] = [
    ["host", "Hub runs in"],
    ["epoch", "Epoch"],
    ["socket", "Cable"],
    ["tabs", "Tabs of this hub"],
    ["cursor", "Cursor"],
    ["recovered", "Last catch-up"],
    ["sockets", "Sockets, one per identity"],
    ["requests", "Catch-ups served"],
  ]
  const faults: readonly (readonly [string, string, string])[] = [
    ["deploy", "Deploy", "Replace the server's process"],
    ["drop", "Cut the cable", "Drop every socket, without a word"],
    ["silence", "Silence", "10 s without a frame or ping"],
    ["offline", "Go offline", "No cable and no requests, until switched back"],
    ["persist", "Persist without broadcast", "A message that no socket tells of"],
  ]
  return html`<aside class="workbench" aria-label="Workbench">
    <details class="workbench__fold">
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
        <a href="" target="_blank" rel="noopener">One more tab</a>
      </p>
    </details>
  </aside>`
}
