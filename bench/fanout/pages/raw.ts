// The ceiling's page: a text is a batch, a JSON array. The empty one says that the server has confirmed.

import type { Message } from "../message.ts"
import { ready, received, room } from "./tally.ts"

const batch = new URLSearchParams(location.search).get("batch")
const { port } = new SharedWorker("/assets/raw-worker.js", { type: "module", name: `${room} ${batch}` })
port.onmessage = ({ data }: MessageEvent<string>) => {
  const messages = JSON.parse(data) as Message[]
  if (messages.length === 0) ready()
  for (const message of messages) received(message)
}
