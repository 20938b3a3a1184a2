// The hub in this very page, which then has a cable of its own: the last resort.

import { CableError } from "../../shared/errors.ts"
import { adapters } from "../rails.ts"
import type { Dial } from "./choose.ts"
import { scriptURL } from "./shared-worker.ts"

/** What this page needs of worker/entry.ts; the script is self-contained and the same for every host. */
type WorkerModule = {
  connectPage(
    port: MessagePort,
    options: { host: "page" | "leader-tab"; name: string; WebSocket?: typeof WebSocket | undefined },
  ): void
}

export async function dialPage({ name, worker, listen }: Dial): Promise<void> {
  const url = scriptURL(worker)
  const { port1, port2 } = new MessageChannel()
  try {
    const hub = (await import(
      /* @vite-ignore */ /* webpackIgnore: true */ new URL(url, document.baseURI).href
    )) as WorkerModule
    const greeted = listen(port1)
    hub.connectPage(port2, { host: "page", name, WebSocket: adapters.WebSocket })
    await greeted
  } catch (cause) {
    throw new CableError("worker-failed", `${url} could not be imported: without it nothing is received.`, { cause })
  }
}
