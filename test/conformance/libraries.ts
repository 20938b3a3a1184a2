// What the sentences are run against: Rails' own client, and ours on each of its hosts.

import type { HostKind } from "../../client/index.ts"

export type Library = {
  name: string
  /** The module's URL in the page. */
  module: string
  /** Where its hub has to be; Rails has none. */
  host: HostKind | null
}

const ours = (host: HostKind): Library => ({ name: `trunkline on ${host}`, module: "/dist/client/index.js", host })

export const RAILS: Library = { name: "@rails/actioncable", module: "/rails.js", host: null }
export const SHARED_WORKER = ours("shared-worker")
export const OURS: readonly Library[] = [SHARED_WORKER, ours("leader-tab"), ours("page")]
