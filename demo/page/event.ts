// What comes over the cable, told apart. A broadcast and an item of catch-up have the same shape; typing has no id.

import type { Author, Message } from "../server/messages.ts"

export type ChatEvent = Message | { type: "typing"; author: Author }

const TYPES = ["message", "reaction.created", "reaction.destroyed", "seen", "typing"]

/** @returns `null` for what this page does not know: a newer server may say more. */
export function readEvent(value: unknown): ChatEvent | null {
  if (typeof value !== "object" || value === null || !("type" in value) || !("author" in value)) return null
  return TYPES.includes(String(value.type)) ? (value as ChatEvent) : null
}

export function otherSide(author: Author): Author {
  return author === "visitor" ? "agent" : "visitor"
}
