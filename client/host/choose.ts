// Which host gets the hub: the best that this browser and page can do, and the next one when that fails.

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

/** Loaded only where it is needed. */
const dialPage = async (how: Dial) => (await import("./page.ts")).dialPage(how)

const ownWebSocket = adapters.WebSocket
const warned = new Set<string>()

/**
 * Resolves once a hub has said hello.
 *
 * @throws CableError `worker-failed` when no host is left
 */
export async function dial(wanted: ConsumerOptions["host"], how: Dial): Promise<void> {
  for (const host of candidates(wanted)) {
    try {
      return await host(how)
    } catch (error) {
      const isLast = host === dialPage || wanted === "shared-worker"
      if (how.signal.aborted || isLast) throw error
      warnOnce(`${String(error)} Each page has its own connection now.`)
    }
  }
}

function candidates(wanted: ConsumerOptions["host"]): ((how: Dial) => Promise<void>)[] {
  if (!isSecureContext) {
    warnOnce("Trunkline shares a connection only in secure contexts (https, localhost): each page has its own now.")
    return [dialPage]
  }
  if (wanted === "shared-worker") return [dialSharedWorker]
  const canShare = typeof SharedWorker === "function" && adapters.WebSocket === ownWebSocket
  return wanted === "page" || !canShare ? [dialPage] : [dialSharedWorker, dialPage]
}

export function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  console.warn(text)
}
