// Rails' client in a SharedWorker, with a subscription of its own for each port's subscription, each posting what it
// receives. (cable-shared-worker told nothing of connections; a benchmark has to know when to begin.)

import { createConsumer } from "@rails/actioncable"
import { onConnect, workerName } from "./worker-scope.ts"

type Request = { command: "subscribe"; subscription: { id: number; params: object } }

const consumer = createConsumer(`${location.origin.replace("http", "ws")}/cable?room=${workerName}`)

onConnect(port => {
  port.addEventListener("message", ({ data: { subscription } }: MessageEvent<Request>) => {
    const { id, params } = subscription
    consumer.subscriptions.create(params, {
      connected: () => port.postMessage({ command: "connected", id }),
      disconnected() {},
      received: data => port.postMessage({ command: "message", data, id }),
    })
  })
  port.start()
})
