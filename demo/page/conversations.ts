// Going from one conversation to another without leaving the page, as Turbo would: the server renders, the tab swaps.

import type { Consumer } from "trunkline"

import { startChat } from "./chat.ts"
import { readPageData } from "./data.ts"
import { find } from "./dom.ts"

/** The chat of this page, and of each conversation that is gone to after. */
export function startConversations(consumer: Consumer): void {
  let current = new AbortController()
  const start = (): void => {
    startChat(consumer, readPageData(document), find(document, "#chat", HTMLElement), current.signal)
  }

  const show = async (url: string): Promise<void> => {
    const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html")
    // The new one is joined before the old one is left: the hub has time to see that both want the same cable.
    const last = current
    current = new AbortController()
    for (const selector of ["#chat", ".rail"]) {
      const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)]
      if (old && fresh) old.replaceWith(document.adoptNode(fresh))
    }
    last.abort()
    start()
  }

  document.addEventListener("click", event => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(".rail__link") : null
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    history.pushState(null, "", link.href)
    void show(link.href)
  })
  addEventListener("popstate", () => void show(location.href))
  start()
}
