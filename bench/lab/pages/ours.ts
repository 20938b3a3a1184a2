// The package as an application uses it.

import { createConsumer, type HostKind } from "../../../dist/client/index.js"
import type { Message } from "../message.ts"
import { play } from "./play.ts"

void play(({ room, cableUrl, channels, query, endpoint }, ears) => {
  const consumer = createConsumer(cableUrl, {
    identity: room,
    worker: "/assets/trunkline-worker.js",
    host: query.get("host") as HostKind,
  })
  const limit = Number(query.get("limit") ?? 200)
  for (const [stream, channel] of channels.entries()) {
    consumer.subscriptions.create(
      channel,
      {
        received: message => ears.received(stream, message as Message),
        connected: () => ears.connected(stream),
        caughtUp: () => ears.ready(stream),
      },
      query.has("catchUp") ? { after: null, catchUp: { url: endpoint(stream), limit } } : {},
    )
  }
  // For whoever looks at a profile.
  Object.assign(globalThis, { inspect: () => consumer.inspect() })
})
