// One message's element: made from the template that the server renders its own messages with.

import { find } from "./dom.ts"
import type { Author } from "../server/messages.ts"

export type Shown = { body: string; author: Author; own: boolean; id?: number; key?: string; createdAt: string }

/** `note` is a word beside the time: "Sending…", the server's reason, "caught up". */
export type Delivery = { state: "sending" | "sent" | "failed"; note: string }

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" })
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
const DAY_MS = 86_400_000

export function makeBubble(page: Document, shown: Shown): HTMLElement {
  const template = find(page, "#message-template", HTMLTemplateElement)
  const bubble = find(document.importNode(template.content, true), ".message", HTMLElement)
  part(bubble, "body").textContent = shown.body
  bubble.dataset["author"] = shown.author
  bubble.classList.toggle("message--own", shown.own)
  if (shown.key) bubble.dataset["key"] = shown.key
  if (shown.id !== undefined) bubble.dataset["id"] = String(shown.id)
  part(bubble, "time").setAttribute("datetime", shown.createdAt)
  showTime(bubble)
  return bubble
}

/** In the reader's own time zone, which the server did not know. */
export function showTime(bubble: HTMLElement): void {
  const time = part(bubble, "time")
  const at = Date.parse(time.getAttribute("datetime") ?? "")
  if (Number.isNaN(at)) return
  const age = Date.now() - at
  const format = age < DAY_MS ? CLOCK : age < 6 * DAY_MS ? DAY : DATE
  time.textContent = format.format(at)
  time.title = DATE.format(at)
}

export function showDelivery(bubble: HTMLElement, { state, note }: Delivery): void {
  bubble.dataset["state"] = state
  part(bubble, "note").textContent = note
  part(bubble, "remedy").hidden = state !== "failed"
}

export function idOf(bubble: HTMLElement): number | null {
  return bubble.dataset["id"] ? Number(bubble.dataset["id"]) : null
}

export function part(bubble: HTMLElement, name: string): HTMLElement {
  return find(bubble, `.message__${name}`, HTMLElement)
}
