// The hub in this very page, which then has a cable of its own: the last resort. Loaded when it is needed, so it imports
// nothing that other pages need.

import type { PageHub } from "../../shared/bridge.ts"

/** What worker/entry.ts is told. */
type HubOptions = {
  host: "page" | "leader-tab"
  name: string
  WebSocket: typeof WebSocket | undefined
  staleAfter: number | undefined
}

export type PageDial = HubOptions & {
  /** The hub's: self-contained, and the same for every host. */
  script: string
  /** Aborts when the page goes. */
  signal: AbortSignal
  listen: (port: MessagePort) => Promise<void>
}

/** Resolves with the hub's hello, to which `listen` listens. */
export async function dialPage(dial: PageDial): Promise<void> {
  const hub = await openHub(dial)
  hub.enter()
  dial.signal.addEventListener("abort", () => hub.leave(), { once: true })
  await connectTo(hub, dial)
}

/** @throws if the script cannot be loaded, or the page has gone meanwhile */
export async function openHub({ script, host, name, WebSocket, staleAfter, signal }: PageDial): Promise<PageHub> {
  const { pageHub } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ script)) as {
    pageHub: (options: HubOptions) => PageHub
  }
  signal.throwIfAborted()
  return pageHub({ host, name, WebSocket, staleAfter })
}

export function connectTo(hub: PageHub, { listen }: PageDial): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  const greeted = listen(port1)
  hub.connect(port2)
  return greeted
}
