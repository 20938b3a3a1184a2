// The word in the header: whether one is being heard.

import { find } from "./dom.ts"

export type Status = "opening" | "catching-up" | "live" | "waiting" | "gone" | "rejected"

const WORDS: Readonly<Record<Status, string>> = {
  opening: "Connecting",
  "catching-up": "Catching up",
  live: "Live",
  waiting: "Reconnecting",
  gone: "Disconnected",
  rejected: "Not allowed",
}

export function showStatus(line: HTMLElement, status: Status): void {
  line.dataset["status"] = status
  find(line, ".status__text", HTMLElement).textContent = WORDS[status]
}
