// Own messages on their way: shown at once, in every tab, and failed in every tab with the server's reason.

import type { Api } from "./api.ts"
import type { Timeline } from "./timeline.ts"

/** A tab that is closed while it sends leaves the others in the dark: after this they offer to try again. */
const ORPHANED_AFTER_MS = 15_000

type Item = { key: string; body: string; state: "sending" | "failed"; reason: string }
type Note =
  | { type: "item"; item: Item }
  | { type: "sent"; key: string }
  | { type: "discarded"; key: string }
  | { type: "who-has-what" }

export class Outbox {
  readonly #items = new Map<string, Item>()
  readonly #api: Api
  readonly #timeline: Timeline
  readonly #name: string
  #tabs: BroadcastChannel | null = null

  /** @param name shared by the tabs that show the same conversation as the same person */
  constructor(name: string, api: Api, timeline: Timeline, signal: AbortSignal) {
    this.#name = name
    this.#api = api
    this.#timeline = timeline
    this.#open()
    // A page in the back/forward cache that gets a channel's message is thrown out of it.
    addEventListener("pagehide", () => this.#close(), { signal })
    addEventListener("pageshow", event => event.persisted && this.#open(), { signal })
    signal.addEventListener("abort", () => this.#close())
  }

  send(body: string): void {
    void this.#deliver({ key: crypto.randomUUID(), body, state: "sending", reason: "" })
  }

  retry(key: string): void {
    const item = this.#items.get(key)
    if (item) void this.#deliver({ ...item, state: "sending", reason: "" })
  }

  discard(key: string): void {
    this.#forget(key)
    this.#tell({ type: "discarded", key })
  }

  /** It came back over the cable: whatever its request says, the server has it. */
  arrived(key: string): void {
    this.#items.delete(key)
  }

  async #deliver(item: Item): Promise<void> {
    this.#show(item)
    this.#tell({ type: "item", item })
    const posted = await this.#api.post({ body: item.body, idempotency_key: item.key })
    if (posted.type === "posted") {
      this.#sent(item.key)
      return this.#tell({ type: "sent", key: item.key })
    }
    if (!this.#items.has(item.key)) return
    const failed: Item = { ...item, state: "failed", reason: posted.reason }
    this.#show(failed)
    this.#tell({ type: "item", item: failed })
  }

  #show(item: Item): void {
    const { key, body, state, reason } = item
    const known = this.#items.has(key)
    if (!known && this.#timeline.has(key)) return
    this.#items.set(key, item)
    if (!known) this.#timeline.expect(key, body)
    this.#timeline.mark(key, { state, note: state === "failed" ? reason : "Sending…" })
  }

  #sent(key: string): void {
    this.#items.delete(key)
    this.#timeline.mark(key, { state: "sent", note: "" })
  }

  #forget(key: string): void {
    this.#items.delete(key)
    this.#timeline.drop(key)
  }

  #hear(note: Note): void {
    switch (note.type) {
      case "who-has-what":
        for (const item of this.#items.values()) this.#tell({ type: "item", item })
        return
      case "sent":
        return this.#sent(note.key)
      case "discarded":
        return this.#forget(note.key)
      case "item":
        this.#show(note.item)
        if (note.item.state === "sending") this.#expectAnswer(note.item)
    }
  }

  #expectAnswer(item: Item): void {
    setTimeout(() => {
      if (this.#items.get(item.key) !== item) return
      this.#show({ ...item, state: "failed", reason: "The tab that sent this is gone" })
    }, ORPHANED_AFTER_MS)
  }

  #tell(note: Note): void {
    this.#tabs?.postMessage(note)
  }

  #open(): void {
    this.#tabs = new BroadcastChannel(this.#name)
    this.#tabs.addEventListener("message", (event: MessageEvent<Note>) => this.#hear(event.data))
    this.#tell({ type: "who-has-what" })
  }

  #close(): void {
    this.#tabs?.close()
    this.#tabs = null
  }
}
