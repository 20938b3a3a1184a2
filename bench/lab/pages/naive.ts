// The naive way's page: an object that the worker calls.

import { expose } from "comlink"
import type { Message } from "../message.ts"
import { play } from "./play.ts"

void play(({ room }, ears) => {
  const { port } = new SharedWorker("/assets/naive-worker.js", { type: "module", name: room })
  const tab = {
    ready() {
      ears.connected(0)
      ears.ready(0)
    },
    received: (message: Message) => ears.received(0, message),
  }
  expose(tab, port)
})
