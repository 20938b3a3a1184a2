// Which host gets the hub: the best that this browser and page can do, and the next one when that fails.

import type { HostKind } from "../../shared/bridge.ts"
import { CableError } from "../../shared/errors.ts"
import { scriptLock, type HubNames } from "../../shared/identity.ts"
import type { ConsumerOptions } from "../../shared/options.ts"
import { adapters, ConnectionMonitor } from "../rails.ts"
import { dialSharedWorker } from "./shared-worker.ts"

export type Dial = {
  names: HubNames
  worker: ConsumerOptions["worker"]
  /** A hub was there before and died. */
  again: boolean
  /** Aborts when the page goes. */
  signal: AbortSignal
  /** Resolves with the hub's first hello on this port. */
  listen: (port: MessagePort) => Promise<void>
}

const HOSTS: Record<HostKind, (dial: Dial) => Promise<void>> = {
  "shared-worker": async dial => {
    const script = new URL(scriptURL(dial.worker), document.baseURI)
    const isForeign = /^https?:/.test(script.protocol) && script.origin !== globalThis.origin
    if (typeof dial.worker === "function" || !isForeign) return dialSharedWorker(dial)
    const { dialBlobWorker } = await import("./blob-worker.ts")
    const lock = scriptLock(dial.names.worker, "")
    return dialBlobWorker({ ...dial, script: script.href, lock, start: dialSharedWorker })
  },
  /** The code of the others is loaded only where it is needed, and so that nothing else has to be split. */
  "leader-tab": async dial => {
    const { dialLeaderTab } = await import("./leader-tab.ts")
    return dialLeaderTab({ ...inPage("leader-tab", dial), news: dial.names.news })
  },
  page: async dial => {
    const { dialPage } = await import("./page.ts")
    return dialPage(inPage("page", dial))
  },
}

const ownWebSocket = adapters.WebSocket
const warned = new Set<string>()

/**
 * Resolves once this page's own hub has said hello: as the active one or as standby.
 *
 * @throws CableError `worker-failed` when no host is left
 */
export async function dial(wanted: ConsumerOptions["host"], how: Dial): Promise<void> {
  let error: CableError | undefined
  for (const host of candidates(wanted)) {
    if (error) warnOnce(`${error.message} The connection is in a page now: ${host}.`)
    try {
      return await HOSTS[host](how)
    } catch (cause) {
      const script = scriptURL(how.worker)
      error = new CableError("worker-failed", `${script} does not work as ${host}: serve it from this origin.`, {
        cause,
      })
      if (how.signal.aborted) break
    }
  }
  throw error
}

function candidates(wanted: ConsumerOptions["host"]): HostKind[] {
  // Web Locks, which elect the one hub, are neither on insecure origins nor in sandboxed frames.
  if (!isSecureContext || !navigator.locks || globalThis.origin === "null") {
    warnOnce("Trunkline shares a connection only in secure contexts (https, localhost): each page has its own now.")
    return ["page"]
  }
  if (wanted && wanted !== "auto") return [wanted]
  if (adapters.WebSocket !== ownWebSocket) return ["page"]
  return typeof SharedWorker === "function" ? ["shared-worker", "leader-tab"] : ["leader-tab"]
}

/** The worker's script, in this page. */
function inPage<Host extends "page" | "leader-tab">(host: Host, { names, worker, signal, listen }: Dial) {
  const script = new URL(scriptURL(worker), document.baseURI).href
  // As with Rails, which counts seconds; a cable that is shared is nobody's to tune.
  const staleAfter = host === "page" ? ConnectionMonitor.staleThreshold * 1_000 : undefined
  return { host, script, name: names.worker, signal, listen, WebSocket: adapters.WebSocket, staleAfter }
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
