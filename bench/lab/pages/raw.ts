// The ceiling's page: a text is a batch, a JSON array. The empty one says that the server has confirmed.

import type { Message } from "../message.ts"
import { play } from "./play.ts"

void play(({ room, query }, ears) => {
  const name = `${room} ${query.get("batch")} ${query.get("flush")}`
  const { port } = new SharedWorker("/assets/raw-worker.js", { type: "module", name })
  port.onmessage = ({ data }: MessageEvent<string>) => {
    const messages = JSON.parse(data) as Message[]
    if (messages.length === 0) {
      ears.connected(0)
      ears.ready(0)
    }
    for (const message of messages) ears.received(0, message)
  }
})
