// Who is compared. Each is a page, opened in every tab with its own query; what a page does is in pages/.

/** `window`: by how many messages the server may be ahead of the slowest tab; `null`: nobody waits for anybody. */
export type Contestant = {
  name: string
  role: "ours" | "ceiling" | "naive" | "aside"
  page: string
  query: string
  window: number | null
}

/**
 * Ours keeps a bounded log of 1,000 messages: a tab that falls further behind gets them over HTTP, or a gap. That is repair
 * and not delivery, so the server waits. The others queue without bounds, and nothing holds them back.
 */
const WINDOW = 768

export const CONTESTANTS: readonly Contestant[] = [
  { name: "ours", role: "ours", page: "ours", query: "catchUp=1", window: WINDOW },
  { name: "ours without catchUp", role: "aside", page: "ours", query: "", window: WINDOW },
  { name: "raw port, batches of 64", role: "ceiling", page: "raw", query: "batch=64", window: null },
  { name: "raw port, batches of 256", role: "ceiling", page: "raw", query: "batch=256", window: null },
  { name: "raw port, batches of 512", role: "ceiling", page: "raw", query: "batch=512", window: null },
  { name: "one comlink call each", role: "naive", page: "naive", query: "", window: null },
]
