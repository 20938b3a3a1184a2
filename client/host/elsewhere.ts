// Every way to a hub but the usual one, a SharedWorker from this origin's script. Loaded when it is needed, so it imports
// nothing that other pages need.

import type { HostKind } from "../../shared/bridge.ts"
import { scriptLock } from "../../shared/script.ts"
import { dialBlobWorker } from "./blob-worker.ts"
import type { Dial } from "./choose.ts"
import { dialLeaderTab } from "./leader-tab.ts"
import { dialPage } from "./page.ts"

export type Detour = Dial & {
  /** The hub's: absolute, self-contained, and the same for every host. */
  script: string
  /** Without Web Locks nothing can be shared. */
  isShared: boolean
  /** What is wrong with the host that was tried before. */
  failure: string | undefined
  /** What the page has put in place of the browser's own. */
  WebSocket: typeof WebSocket | undefined
  /** Milliseconds: the patience of the page's own monitor. */
  staleAfter: number
  dialSharedWorker: (dial: Dial) => Promise<void>
  warnOnce: (text: string) => void
}

/** Resolves with the hub's hello. */
export async function dialElsewhere(host: HostKind, detour: Detour): Promise<void> {
  const { names, isShared, failure, staleAfter, dialSharedWorker, warnOnce } = detour
  if (!isShared) {
    warnOnce("Trunkline shares a connection only in secure contexts (https, localhost): each page has its own now.")
  }
  if (failure) warnOnce(`${failure} The connection is in a page now: ${host}.`)
  switch (host) {
    case "shared-worker":
      return dialBlobWorker({ ...detour, lock: scriptLock(names.worker, ""), start: dialSharedWorker })
    case "leader-tab":
      // A cable that is shared is nobody's to tune.
      return dialLeaderTab({ ...detour, host, name: names.worker, staleAfter: undefined, news: names.news })
    case "page":
      return dialPage({ ...detour, host, name: names.worker, staleAfter })
  }
}
