// The package as an application uses it.

import { createConsumer } from "trunkline"
import type { Message } from "../message.ts"
import { cableUrl, ready, received, room } from "./tally.ts"

const consumer = createConsumer(cableUrl, {
  identity: room,
  worker: "/assets/trunkline-worker.js",
  host: "shared-worker",
})
let isReady = false
const query = new URLSearchParams(location.search)

consumer.subscriptions.create(
  { channel: "BenchChannel", room },
  {
    received(message) {
      received(message as Message)
    },
    caughtUp() {
      if (!isReady) ready()
      isReady = true
    },
  },
  query.has("catchUp")
    ? { after: null, catchUp: { url: `/rooms/${room}/messages`, limit: Number(query.get("limit") ?? 200) } }
    : {},
)

// For whoever looks at a profile.
Object.assign(globalThis, { inspect: () => consumer.inspect() })
