// The naive way, as one writes it first: parse the message, call each tab's `received` with it, await the call.

import { wrap } from "comlink"
import type { Message } from "../message.ts"
import { subscribe } from "./raw-cable.ts"
import { onConnect, workerName } from "./worker-scope.ts"

type Tab = { ready(): void; received(message: Message): void }

const messages: Message[] = []
const waiting: (() => void)[] = []

const confirmed = subscribe(workerName, text => {
  messages.push(JSON.parse(text) as Message)
  for (const run of waiting.splice(0)) run()
})

async function serve(port: MessagePort): Promise<void> {
  const tab = wrap<Tab>(port)
  await confirmed
  await tab.ready()
  for (let next = 0; ; next++) {
    if (next === messages.length) await new Promise<void>(resolve => waiting.push(resolve))
    const message = messages[next]
    if (message) await tab.received(message)
  }
}

onConnect(port => void serve(port))
