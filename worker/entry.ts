// The worker's script, self-contained. In a SharedWorker it starts a hub at the first connect; a page that has to host
// its own hub imports the same file and hands it a port.

import { adapters } from "@rails/actioncable"
import type { HostKind } from "../shared/bridge.ts"
import { namesOf } from "../shared/identity.ts"
import { IndexedDbStore } from "./cursor-store.ts"
import { Hub } from "./hub.ts"
import { systemClock } from "./system-clock.ts"

declare const __BUILD__: string

type SharedWorkerScope = { name: string; onconnect: ((event: MessageEvent) => void) | null }

/** One per key: a page may be the host of several. */
const hubs = new Map<string, Hub>()

// Set synchronously and before anything else runs: a connect event that finds no handler is lost for ever.
if ("onconnect" in globalThis) {
  const scope = globalThis as unknown as SharedWorkerScope
  scope.onconnect = ({ ports: [port] }) => {
    if (port) connect(port, "shared-worker", scope.name)
  }
}

export type PageOptions = {
  host: "page" | "leader-tab"
  /** That of the worker for which this page stands in. */
  name: string
  /** What the page put in place of the browser's own, as @rails/actioncable allows. */
  WebSocket?: typeof WebSocket | undefined
}

/** Makes this page the host of its own hub, at the other end of `port`. */
export function connectPage(port: MessagePort, { host, name, WebSocket }: PageOptions): void {
  if (WebSocket) adapters.WebSocket = WebSocket
  connect(port, host, name)
}

function connect(port: MessagePort, host: HostKind, name: string): void {
  const hub = hubs.get(name) ?? startHub(host, name)
  hub.connect(port)
}

function startHub(host: HostKind, name: string): Hub {
  const hub = new Hub({ host, names: namesOf(name), build: __BUILD__, clock: systemClock, store: new IndexedDbStore() })
  hubs.set(name, hub)
  return hub
}
