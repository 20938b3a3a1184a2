// Who is compared. Each is a page, opened in every tab with its own query; what a page does is in pages/.

/**
 * `ours` on the host that most visitors get; `ceiling`: what no one can do better; `direct`: a socket for each tab.
 * `window`: by how many messages the server may be ahead of the slowest tab; `null`: nobody waits for anybody.
 */
export type Contestant = {
  name: string
  role: "ours" | "our other hosts" | "ceiling" | "direct" | "shared" | "naive"
  page: string
  query: string
  window: number | null
}

/**
 * Ours keeps a bounded log of 1,000 messages or 2 Mi characters: a tab that falls further behind gets them over HTTP, or a
 * gap. That is repair and not delivery, so the server waits. The others queue without bounds, and nothing holds them back.
 */
const WINDOW = 768
const WINDOW_BYTES = 1.5 * 1_048_576

const catchUp = (host: string) => `catchUp=1&host=${host}`

export const OURS: Contestant = {
  name: "Trunkline",
  role: "ours",
  page: "ours",
  query: catchUp("shared-worker"),
  window: WINDOW,
}

export const ON_OTHER_HOSTS: readonly Contestant[] = [
  { ...OURS, name: "Trunkline, leader tab", role: "our other hosts", query: catchUp("leader-tab") },
  { ...OURS, name: "Trunkline, page (a socket each)", role: "our other hosts", query: catchUp("page") },
]

export const WITHOUT_CATCH_UP: Contestant = {
  ...OURS,
  name: "Trunkline without catchUp",
  role: "our other hosts",
  query: "host=shared-worker",
}

export const RAILS: Contestant = {
  name: "@rails/actioncable (a socket each)",
  role: "direct",
  page: "rails",
  query: "",
  window: null,
}

export const ANYCABLE: Contestant = {
  name: "@anycable/web (a socket each)",
  role: "direct",
  page: "anycable",
  query: "",
  window: null,
}

/** `@cable-shared-worker` is no longer on npm: the page and worker do for each message what it did. */
export const CABLE_SHARED_WORKER: Contestant = {
  name: "cable-shared-worker's way",
  role: "shared",
  page: "cable-shared-worker",
  query: "",
  window: null,
}

export const NAIVE: Contestant = {
  name: "one comlink call each",
  role: "naive",
  page: "naive",
  query: "",
  window: null,
}

/** @param batch how many messages go out together at most; what does not fill up goes out after so many milliseconds */
export function raw(batch: number, flush = 4): Contestant {
  return {
    name: batch === 1 ? "raw port" : `raw port, batches of ${batch}`,
    role: "ceiling",
    page: "raw",
    query: `batch=${batch}&flush=${flush}`,
    window: null,
  }
}

export const CEILINGS = [raw(64), raw(256), raw(512)]

export function windowOf({ window }: Contestant, bytes: number): number {
  return window === null ? Infinity : Math.min(window, Math.floor(WINDOW_BYTES / bytes))
}
