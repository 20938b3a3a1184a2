// The catch-up that people write around a client that has none: each time it is connected, ask for what came after the
// newest message, and drop what was there already.

import type { Message } from "../message.ts"
import type { Task } from "./play.ts"

const LIMIT = 200

type Page = { messages: Message[]; has_more: boolean }

/** Does nothing but pass messages on, unless the query wants it. */
export function refetch({ query, endpoint }: Task, stream: number, pass: (message: Message) => void) {
  if (!query.has("refetch")) return { connected: async () => {}, received: pass }
  const seen = new Set<number>()
  let newest = 0
  const received = (message: Message) => {
    if (seen.has(message.id)) return
    seen.add(message.id)
    newest = Math.max(newest, message.id)
    pass(message)
  }
  const connected = async () => {
    for (let more = true; more;) {
      const response = await fetch(`${endpoint(stream)}?after_id=${newest}&limit=${LIMIT}`)
      const page = (await response.json()) as Page
      for (const message of page.messages) received(message)
      more = page.has_more
    }
  }
  return { connected, received }
}
