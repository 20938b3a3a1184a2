// Which host gets the hub: the best that this browser and page can do, and the next one when that fails.

import type { HostKind } from "../../shared/bridge.ts"
import { CableError } from "../../shared/errors.ts"
import type { PageNames } from "../../shared/identity.ts"
import type { ConsumerOptions } from "../../shared/options.ts"
import { adapters, ConnectionMonitor } from "../rails.ts"
import { warnOnce } from "../warnings.ts"
import { dialSharedWorker } from "./shared-worker.ts"

export type Dial = Pick<ConsumerOptions, "host" | "worker"> & {
  names: PageNames
  /** The name for a worker, if that in `names` is taken by one that never speaks. */
  next: string
  /** A hub was there before and died. */
  again: boolean
  /** Aborts when the page goes. */
  signal: AbortSignal
  /** Resolves with the hub's first hello on this port, which may lead to the worker of the next name. */
  listen: (port: MessagePort, isNext?: boolean) => Promise<void>
}

const ownWebSocket = adapters.WebSocket

/**
 * Resolves once this page's own hub has said hello: as the active one or as standby.
 *
 * @throws CableError `worker-failed` when no host is left
 */
export async function dial(how: Dial): Promise<void> {
  const { href: script, protocol, origin } = scriptURL(how.worker)
  const isForeign = /^https?:/.test(protocol) && origin !== globalThis.origin
  // Web Locks, which elect the one hub, are neither on insecure origins nor in sandboxed frames.
  const isShared = isSecureContext && !!navigator.locks && globalThis.origin !== "null"
  let error: CableError | undefined
  for (const host of isShared ? candidates(how.host) : (["page"] as const)) {
    try {
      if (host === "shared-worker" && (!isForeign || typeof how.worker === "function")) {
        return await dialSharedWorker(how)
      }
      // It is told what it must not import: what is in two files makes three of them.
      const { dialElsewhere } = await import("./elsewhere.ts")
      return await dialElsewhere(host, {
        ...how,
        script,
        isShared,
        failure: error?.message,
        WebSocket: adapters.WebSocket,
        staleAfter: ConnectionMonitor.staleThreshold * 1_000, // as in Rails, which counts seconds
        dialSharedWorker,
        warnOnce,
      })
    } catch (cause) {
      error = new CableError("worker-failed", `${script} does not work as ${host}: serve it from this origin.`, {
        cause,
      })
      if (how.signal.aborted) break
    }
  }
  throw error
}

function candidates(wanted: ConsumerOptions["host"]): HostKind[] {
  if (wanted && wanted !== "auto") return [wanted]
  if (adapters.WebSocket !== ownWebSocket) return ["page"]
  return typeof SharedWorker === "function" ? ["shared-worker", "leader-tab"] : ["leader-tab"]
}

/** Where the script is: for people, and for the host that imports it. */
function scriptURL(worker: Dial["worker"]): URL {
  return worker && typeof worker !== "function"
    ? new URL(String(worker), document.baseURI)
    : new URL("../../worker.js", import.meta.url)
}
