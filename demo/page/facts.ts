// The workbench's figures: the hub's own, from `inspect()`, and what the server says that it saw.

import type { CaughtUp, Consumer, Inspection } from "trunkline"

import { find } from "./dom.ts"
import type { Report } from "../server/stats.ts"

const EVERY_MS = 1_000

export type Facts = { recovered: (caughtUp: CaughtUp) => void }

/** @param heard told what the server said, each time; `null` for nothing */
export function showFacts(root: HTMLElement, consumer: Consumer, heard: (report: Report | null) => void): Facts {
  const show = (fact: string, text: string, tone = ""): void => {
    const place = find(root, `[data-fact="${fact}"]`, HTMLElement)
    if (place.textContent !== text) place.textContent = text
    place.dataset["tone"] = tone
  }

  const look = async (): Promise<void> => {
    const [inspection, report] = await Promise.all([consumer.inspect().catch(() => null), askServer()])
    showHub(inspection, show)
    show("sockets", report ? String(report.sockets) : "no answer", report ? "" : "bad")
    show("requests", report ? String(report.requests.filter(isCatchUp).length) : "–")
    heard(report)
  }

  let looking = false
  const tick = async (): Promise<void> => {
    if (looking || document.visibilityState !== "visible") return
    looking = true
    await look()
    looking = false
  }
  setInterval(() => void tick(), EVERY_MS)
  document.addEventListener("visibilitychange", () => void tick())
  void tick()

  return {
    recovered: ({ outcome, count, reason }) => {
      const texts = { current: "current", recovered: `${count} recovered`, gap: `gap: ${reason}` }
      show("recovered", texts[outcome], outcome === "gap" ? "bad" : "")
    },
  }
}

function showHub(inspection: Inspection | null, show: (fact: string, text: string, tone?: string) => void): void {
  if (!inspection) return show("socket", "no hub", "bad")
  const { host, epoch, socket, tabs, streams } = inspection
  const stream = streams.findLast(({ subscriptions }) => subscriptions > 0)
  const { after, seen = 0 } = stream?.cursor ?? {}
  const tone = socket.state === "live" ? "good" : "bad"
  show("host", host)
  show("epoch", String(epoch))
  show("socket", socket.state === "live" ? `live · no. ${socket.opened}` : socket.state, tone)
  show("tabs", String(tabs.length))
  show("cursor", after === undefined ? "unknown" : `${after ?? "start"}${seen > 0 ? ` + ${seen} seen` : ""}`)
  show("brief", `${socket.state} · ${tabs.length} ${tabs.length === 1 ? "tab" : "tabs"}`, tone)
}

function isCatchUp({ method, path }: Report["requests"][number]): boolean {
  return method === "GET" && path.endsWith("/messages")
}

async function askServer(): Promise<Report | null> {
  try {
    const response = await fetch("/_control/stats", { signal: AbortSignal.timeout(EVERY_MS) })
    return response.ok ? ((await response.json()) as Report) : null
  } catch {
    return null
  }
}
