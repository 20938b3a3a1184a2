// The yardstick: a visitor who has `@rails/actioncable` and, after each connection, asks for what came after the newest id
// that it has seen. It repeats no message and asks until it is answered; what it lacks are positions and reconciliation.

import { setTimeout as wait } from "node:timers/promises"

import { adapters, createConsumer } from "@rails/actioncable"

import { cableURL, catchUpURL, channelOf, type Place, type Visitor } from "./visitor.ts"
import { webSocketFrom } from "./page.ts"

const AGAIN_MS = 500

/**
 * @param rewound takes also what the endpoint repeats from before that id, which an endpoint with `id > after_id` alone
 *   would not return
 */
export function startNaive(place: Place, rewound: boolean): Visitor {
  const { origin, conversation } = place
  adapters.WebSocket = webSocketFrom(origin)
  const received: number[] = []
  const known = new Set<number>()
  let newest = 0
  let isCurrent = false
  const take = (id: number) => {
    if (known.has(id)) return
    known.add(id)
    received.push(id)
    newest = Math.max(newest, id)
  }

  const catchUp = async () => {
    for (let hasMore = true; hasMore;) {
      const after = newest
      const params = { session: "s1", conversation, ...(after ? { after_id: String(after) } : {}) }
      const page = await fetch(`${catchUpURL(place)}?${new URLSearchParams(params)}`)
        .then(async response => (await response.json()) as { messages: { id: number }[]; has_more: boolean })
        .catch(() => null)
      if (!page?.messages) await wait(AGAIN_MS)
      for (const { id } of page?.messages ?? []) if (rewound || id > after) take(id)
      hasMore = page?.has_more ?? true
    }
  }

  createConsumer(cableURL(place)).subscriptions.create(channelOf(place), {
    connected: () => void catchUp().then(() => (isCurrent = true)),
    disconnected: () => (isCurrent = false),
    received: ({ id }) => take(id),
  })
  return { received, isCurrent: () => isCurrent }
}
