// As main.js. esbuild leaves the worker's URL as it is, so the application copies the script and says where it is.

import { createConsumer } from "trunkline"

const consumer = createConsumer("/cable", { worker: "/trunkline-worker.js" })
consumer.subscriptions.create("EchoChannel", {
  async connected() {
    const { host } = await consumer.inspect()
    document.body.dataset.host = host
  },
  received(message) {
    document.body.append(message)
  },
})
