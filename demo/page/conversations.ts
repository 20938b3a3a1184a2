// Going from one conversation to another without leaving the page, as Turbo would: the server renders, the tab swaps.

import type { CaughtUp, Consumer } from "trunkline"

import { startChat } from "./chat.ts"
import { readPageData } from "./data.ts"
import { find } from "./dom.ts"

/** The chat of this page, and of each conversation that is gone to after. */
export function startConversations(consumer: Consumer, caughtUp: (told: CaughtUp) => void): void {
  let current = new AbortController()
  let visit = new AbortController()

  const start = (): void => {
    startChat(consumer, readPageData(document), find(document, "#chat", HTMLElement), caughtUp, current.signal)
  }

  /** @param arrive called once there is something to show */
  const show = async (url: string, arrive: () => void): Promise<void> => {
    visit.abort()
    visit = new AbortController()
    const { signal } = visit
    try {
      const html = await (await fetch(url, { signal })).text()
      if (signal.aborted) return
      arrive()
      swap(new DOMParser().parseFromString(html, "text/html"))
    } catch {
      // Not to be had this way: the browser says better than we could why.
      if (!signal.aborted) location.assign(url)
    }
  }

  /** The new one is joined right after the old one is left: the hub keeps the cable, and misses nothing of either. */
  const swap = (page: Document): void => {
    current.abort()
    current = new AbortController()
    for (const selector of ["#chat", ".rail"]) {
      const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)]
      if (old && fresh) old.replaceWith(document.adoptNode(fresh))
    }
    start()
  }

  document.addEventListener("click", event => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(".rail__link") : null
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    void show(link.href, () => history.pushState(null, "", link.href))
  })
  addEventListener("popstate", () => void show(location.href, () => {}))
  start()
}
