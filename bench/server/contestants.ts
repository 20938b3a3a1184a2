// Browsers with several tabs each, as their server sees them: with one socket a tab, or one socket a browser.

import type { Kind } from "../../test/rails/visitors/visitor.ts"

export const BROWSERS = 50
export const TABS = 8

/** `sockets`: of one browser. A hub serves its tabs without the server's knowledge, so here it has one. */
export type Contestant = { name: string; kind: Kind; sockets: number }

export const CONTESTANTS: readonly Contestant[] = [
  { name: "@rails/actioncable, a socket and a catch-up for each tab", kind: "rewound", sockets: TABS },
  { name: "Trunkline, for each browser", kind: "ours", sockets: 1 },
]
