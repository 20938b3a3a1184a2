// AnyCable's client over the plain ActionCable protocol: a socket for each tab.

import { createConsumer } from "@anycable/web"
import type { Message } from "../message.ts"
import { play } from "./play.ts"
import { refetch } from "./refetch.ts"

void play((task, ears) => {
  const consumer = createConsumer(task.cableUrl)
  for (const [stream, channel] of task.channels.entries()) {
    const catchUp = refetch(task, stream, message => ears.received(stream, message))
    consumer.subscriptions.create(channel, {
      connected() {
        ears.connected(stream)
        void catchUp.connected().then(() => ears.ready(stream))
      },
      received: (message: unknown) => catchUp.received(message as Message),
    })
  }
})
