// Who is compared. Each is a page, opened in every tab with its own query; what a page does is in pages/.

export type Contestant = { name: string; role: "ours" | "ceiling" | "naive" | "aside"; page: string; query: string }

export const CONTESTANTS: readonly Contestant[] = [
  { name: "ours", role: "ours", page: "ours", query: "catchUp=1" },
  { name: "ours without catchUp", role: "aside", page: "ours", query: "" },
  { name: "raw port, batches of 64", role: "ceiling", page: "raw", query: "batch=64" },
  { name: "raw port, batches of 256", role: "ceiling", page: "raw", query: "batch=256" },
  { name: "raw port, batches of 512", role: "ceiling", page: "raw", query: "batch=512" },
  { name: "one comlink call each", role: "naive", page: "naive", query: "" },
]
