// History, paged backwards: one page at a time, when its beginning comes into sight.

import type { Message } from "../server/messages.ts"
import type { Api } from "./api.ts"
import { find } from "./dom.ts"

export type Ahead = { first: () => number | null; show: (messages: readonly Message[]) => void }

export function pageBackwards(top: HTMLElement, view: HTMLElement, api: Api, ahead: Ahead, signal: AbortSignal): void {
  const text = find(top, ".chat__older-text", HTMLElement)
  let loading = false

  const load = async (): Promise<void> => {
    const first = ahead.first()
    if (loading || first === null || top.dataset["more"] !== "true") return
    loading = true
    text.textContent = "Loading earlier messages…"
    try {
      const { messages, has_more } = await api.older(first, signal)
      top.dataset["more"] = String(has_more)
      text.textContent = has_more ? "Earlier messages" : "Start of the conversation"
      ahead.show(messages)
    } catch (error) {
      if (signal.aborted) return
      text.textContent = `${error instanceof Error ? error.message : "That failed"} – click to try again`
      return
    } finally {
      loading = false
    }
    // Still in sight after a short page: an observer tells changes only.
    if (top.getBoundingClientRect().bottom > view.getBoundingClientRect().top) await load()
  }

  const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void load(), { root: view })
  seen.observe(top)
  top.addEventListener("click", () => void load(), { signal })
  signal.addEventListener("abort", () => seen.disconnect())
}
