// Rails' own client: a socket for each tab.

import { createConsumer } from "@rails/actioncable"
import type { Message } from "../message.ts"
import { play } from "./play.ts"
import { refetch } from "./refetch.ts"

void play((task, ears) => {
  const consumer = createConsumer(task.cableUrl)
  for (const [stream, channel] of task.channels.entries()) {
    const received = (message: Message) => ears.received(stream, message)
    const catchUp = refetch(task, stream, received)
    consumer.subscriptions.create(channel, {
      connected() {
        ears.connected(stream)
        void catchUp.connected().then(() => ears.ready(stream))
      },
      disconnected() {},
      received: message => catchUp.received(message as Message),
    })
  }
})
