// A page whose worker posts each message to it as an object: what `createSubscription` of cable-shared-worker did.

import type { Message } from "../message.ts"
import { play } from "./play.ts"

type News = { command: "connected" | "message"; id: number; data: Message }

void play(({ room, channels }, ears) => {
  const { port } = new SharedWorker("/assets/cable-shared-worker-worker.js", { type: "module", name: room })
  port.addEventListener("message", ({ data: { command, id, data } }: MessageEvent<News>) => {
    if (command === "message") return ears.received(id, data)
    ears.connected(id)
    ears.ready(id)
  })
  port.start()
  for (const [id, params] of channels.entries())
    port.postMessage({ command: "subscribe", subscription: { id, params } })
})
