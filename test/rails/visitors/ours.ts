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
  const consumer = createConsumer(cableURL(place), { identity, worker, host: "page" })
  let isCurrent = false
  consumer.subscriptions.create(
    channelOf(place),
    {
      received: message => void received.push((message as { id: number }).id),
      disconnected: () => (isCurrent = false),
      caughtUp({ reason }) {
        isCurrent = true
        if (reason) console.error(`${identity} is told of a gap: ${reason}`)
      },
    },
    {
      after: null,
      catchUp: { url: catchUpURL(place), params: { session: "s1", conversation } },
      ...(reconcileEvery === undefined ? {} : { reconcileEvery }),
    },
  )
  return { received, isCurrent: () => isCurrent }
}
