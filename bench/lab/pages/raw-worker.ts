// The ceiling: what comes from the socket goes to every port as one text per batch. Nothing is parsed, kept, acknowledged
// or known of anybody, so nothing that does these things can be faster.

import { subscribe } from "./raw-cable.ts"
import { onConnect, workerName } from "./worker-scope.ts"

/** `flush`: after so many milliseconds a batch goes out that does not fill up. */
const [room = "", size, flushMs] = workerName.split(" ")
const full = Number(size)
const ports: MessagePort[] = []
let batch: string[] = []
let timer: ReturnType<typeof setTimeout> | null = null

function flush(): void {
  if (timer !== null) clearTimeout(timer)
  timer = null
  const text = `[${batch.join(",")}]`
  batch = []
  for (const port of ports) port.postMessage(text)
}

const confirmed = subscribe(room, text => {
  if (batch.push(text) >= full) flush()
  else timer ??= setTimeout(flush, Number(flushMs))
})

onConnect(port => {
  void confirmed.then(() => {
    ports.push(port)
    port.postMessage("[]")
  })
})
