// A visitor who has Trunkline, from the built package.

import type * as trunkline from "../../../client/index.ts"
import { cableURL, catchUpURL, channelOf, type Place, type Visitor } from "./visitor.ts"
import { webSocketFrom } from "./page.ts"

/** @param identity one for each visitor: each has a hub and a socket of its own */
export async function startOurs(place: Place, identity: string): Promise<Visitor> {
  const { origin, conversation, client, worker, reconcileEvery } = place
  const { adapters, createConsumer } = (await import(client)) as typeof trunkline
  adapters.WebSocket = webSocketFrom(origin)
  const received: number[] = []
  const told: unknown[][] = []
  const note = (...what: unknown[]) => void told.push([Date.now(), ...what])
  const consumer = createConsumer(cableURL(place), { identity, worker, host: "page" })
  let isCurrent = false
  consumer.subscriptions.create(
    channelOf(place),
    {
      received(message, { source }) {
        const { id, created_at } = message as { id: number; created_at: string }
        received.push(id)
        note("received", id, created_at, source)
      },
      connected: () => note("connected"),
      disconnected() {
        isCurrent = false
        note("disconnected")
      },
      caughtUp({ outcome, count, reason }) {
        isCurrent = true
        note("caught up", outcome, count)
        if (reason) console.error(`${identity} is told of a gap: ${reason}`)
      },
    },
    {
      after: null,
      catchUp: { url: catchUpURL(place), params: { session: "s1", conversation } },
      ...(reconcileEvery === undefined ? {} : { reconcileEvery }),
    },
  )
  return {
    received,
    isCurrent: () => isCurrent,
    history: async () => ({ identity, told, hub: await consumer.inspect() }),
  }
}
