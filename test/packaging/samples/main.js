// What an application does with the package, whatever brings it to the browser.

import { createConsumer } from "trunkline"

const consumer = createConsumer()
consumer.subscriptions.create("EchoChannel", {
  async connected() {
    const { host } = await consumer.inspect()
    document.body.dataset.host = host
  },
  received(message) {
    document.body.append(message)
  },
})
