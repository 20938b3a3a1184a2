// Which host gets the hub: the best that this browser and page can do, and the next one when that fails.

import { CableError } from "../../shared/errors.ts"
import type { ConsumerOptions } from "../../shared/options.ts"
import { adapters } from "../rails.ts"
import { dialSharedWorker } from "./shared-worker.ts"

export type Dial = {
  /** The hub's: its worker's name. */
  name: string
  worker: ConsumerOptions["worker"]
  /** A hub was there before and died. */
  again: boolean
  signal: AbortSignal
  /** Resolves with the hub's first hello on this port. */
  listen: (port: MessagePort) => Promise<void>
}

const HOSTS = {
  "shared-worker": dialSharedWorker,
  /** Its code is loaded only where it is needed, and so that nothing else has to be split. */
  page: async ({ name, worker, listen }: Dial) => {
    const { dialPage } = await import("./page.ts")
    return dialPage(new URL(scriptURL(worker), document.baseURI).href, name, adapters.WebSocket, listen)
  },
}

const ownWebSocket = adapters.WebSocket
const warned = new Set<string>()

/**
 * Resolves once a hub has said hello.
 *
 * @throws CableError `worker-failed` when no host is left
 */
export async function dial(wanted: ConsumerOptions["host"], how: Dial): Promise<void> {
  let error: CableError | undefined
  for (const host of candidates(wanted)) {
    if (error) warnOnce(`${error.message} Each page has its own connection now.`)
    try {
      return await HOSTS[host](how)
    } catch (cause) {
      error = new CableError("worker-failed", `${scriptURL(how.worker)} does not work as ${host}.`, { cause })
      if (how.signal.aborted) break
    }
  }
  throw error
}

function candidates(wanted: ConsumerOptions["host"]): (keyof typeof HOSTS)[] {
  if (!isSecureContext) {
    warnOnce("Trunkline shares a connection only in secure contexts (https, localhost): each page has its own now.")
    return ["page"]
  }
  if (wanted === "shared-worker") return [wanted]
  const canShare = typeof SharedWorker === "function" && adapters.WebSocket === ownWebSocket
  return wanted === "page" || !canShare ? ["page"] : ["shared-worker", "page"]
}

/** Where the script is: for people, and for the host that imports it. */
function scriptURL(worker: Dial["worker"]): string {
  return worker && typeof worker !== "function" ? String(worker) : new URL("../../worker.js", import.meta.url).href
}

export function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  console.warn(text)
}
