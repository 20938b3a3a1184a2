// The way in for tabs that have no port to this hub: their browser or page forbids workers, their build has another
// worker, or the hub lives in another tab. They knock on the channel of the key, and each is then spoken to on a channel of
// its own, which serves comlink as a port does.

import type { Hello, News } from "../shared/bridge.ts"

export class Door {
  readonly #news: BroadcastChannel

  /** @param knocked gets the new wire, and the lock that its page holds for as long as it lives */
  constructor(news: string, knocked: (wire: BroadcastChannel, lock: string) => void) {
    this.#news = new BroadcastChannel(news)
    this.#news.addEventListener("message", ({ data }: MessageEvent<News | null>) => {
      if (data?.type !== "knock" || typeof data.line !== "string" || typeof data.lock !== "string") return
      knocked(new BroadcastChannel(data.line), data.lock)
    })
  }

  /** Tells everybody who this hub is now. */
  announce(hello: Hello): void {
    this.#news.postMessage({ type: "hello", hello } satisfies News)
  }

  close(): void {
    this.#news.close()
  }
}
