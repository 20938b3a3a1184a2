// The worker's script, self-contained. In a SharedWorker it starts a hub at the first connect; a page that has to be a
// host itself imports the same file.

import { adapters } from "@rails/actioncable"
import type { HostKind, PageHub } from "../shared/bridge.ts"
import { namesOf } from "../shared/identity.ts"
import { IndexedDbStore } from "./cursor-store.ts"
import { Hub } from "./hub.ts"
import { announceScript } from "./presence.ts"
import { systemClock } from "./system-clock.ts"

declare const __BUILD__: string

type SharedWorkerScope = { name: string; onconnect: ((event: MessageEvent) => void) | null }

/** One per key: a page may be the host of several. */
const hubs = new Map<string, Hub>()

// Set synchronously and before anything else runs: a connect event that finds no handler is lost for ever.
if ("onconnect" in globalThis) {
  const scope = globalThis as unknown as SharedWorkerScope
  scope.onconnect = ({ ports: [port] }) => {
    // The next page looks for the script once this one has heard the hello.
    if (port) void announced.then(() => connect(port, scope.name))
  }
  const announced = location.protocol === "blob:" ? announceScript(scope.name) : Promise.resolve()
}

function connect(port: MessagePort, name: string): void {
  const hub = hubOf("shared-worker", name)
  hub.enter()
  hub.connect(port)
}

export type PageOptions = {
  host: "page" | "leader-tab"
  /** That of the worker for which this page stands in. */
  name: string
  /** What the page put in place of the browser's own, as @rails/actioncable allows. */
  WebSocket?: typeof WebSocket | undefined
  /** Milliseconds: its ConnectionMonitor's. */
  staleAfter?: number | undefined
}

/** The hub of a page that is a host itself. It does nothing before it is told to `enter`. */
export function pageHub({ host, name, WebSocket, staleAfter }: PageOptions): PageHub {
  if (WebSocket) adapters.WebSocket = WebSocket
  return hubOf(host, name, staleAfter)
}

function hubOf(host: HostKind, name: string, staleAfter?: number): Hub {
  const known = hubs.get(name)
  if (known) return known
  const names = namesOf(name)
  const store = new IndexedDbStore(names.rows)
  const hub = new Hub({ host, names, build: __BUILD__, clock: systemClock, store, staleAfter })
  hubs.set(name, hub)
  return hub
}
