// The hub in one of the tabs, which the others reach by its door. The mutex elects it: whoever is first in its queue.
// Visible pages go first, because hidden ones are throttled, and frozen or cached ones leave. Loaded when it is needed.

import type { News, PageHub } from "../../shared/bridge.ts"
import { connectTo, openHub, type PageDial } from "./page.ts"

/**
 * Hidden pages' timers come once a second at first, and once a minute after some minutes: a leader that is hidden for so
 * long hands over to a visible page, if there is one. Not at once: each change of leader is a new cable.
 */
const WEARY_AFTER_MS = 60_000

/** A page stands once in each of its lives, however often it dials. */
const standing = new WeakSet<AbortSignal>()

/** Resolves with the hub's hello, as leader or as standby. */
export async function dialLeaderTab(dial: PageDial & { news: string }): Promise<void> {
  const { signal, news } = dial
  const hub = await openHub(dial)
  const greeted = connectTo(hub, dial)
  if (!standing.has(signal)) {
    standing.add(signal)
    stand(hub, new BroadcastChannel(news), signal)
  }
  await greeted
}

function stand(hub: PageHub, channel: BroadcastChannel, signal: AbortSignal): void {
  const tell = (news: News) => channel.postMessage(news)
  const isVisible = () => document.visibilityState === "visible"
  let hiddenSince = isVisible() ? Infinity : performance.now()
  let weary: ReturnType<typeof setTimeout> | undefined

  const isWeary = () => performance.now() - hiddenSince >= WEARY_AFTER_MS
  const look = () => {
    clearTimeout(weary)
    hiddenSince = isVisible() ? Infinity : performance.now()
    if (isVisible()) return tell({ type: "queued" })
    weary = setTimeout(() => hub.isActive && tell({ type: "weary" }), WEARY_AFTER_MS)
    if (!hub.isActive) hub.yield()
  }
  const hear = ({ data }: MessageEvent<News | null>) => {
    if (data?.type === "weary" && isVisible()) tell({ type: "queued" })
    if (data?.type === "queued" && !isVisible() && (!hub.isActive || isWeary())) hub.yield()
  }

  const leave = () => hub.leave()
  channel.addEventListener("message", hear)
  // All three are heard on the document; `freeze` on the window never comes.
  document.addEventListener("visibilitychange", look, { signal })
  document.addEventListener("freeze", leave, { signal })
  document.addEventListener("resume", () => hub.enter(), { signal })
  signal.addEventListener("abort", () => {
    clearTimeout(weary)
    channel.close()
    hub.leave()
  })
  hub.enter()
  look()
}
