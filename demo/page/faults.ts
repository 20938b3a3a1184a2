// The workbench's buttons: each tells the server to misbehave.

import type { Control } from "../server/faults.ts"
import type { Report } from "../server/stats.ts"
import { readPageData } from "./data.ts"
import { otherSide } from "./event.ts"

const SILENCE_MS = 10_000

export type Faults = { update: (report: Report | null) => void }

export function offerFaults(root: HTMLElement): Faults {
  let { silent, offline } = { silent: false, offline: false }

  const orders: Readonly<Record<string, () => Control>> = {
    deploy: () => ({ deploy: true }),
    drop: () => ({ drop: true }),
    silence: () => ({ silence: silent ? null : SILENCE_MS }),
    offline: () => ({ offline: !offline }),
    persist: () => {
      const { role, conversation } = readPageData(document)
      const body = "This message was persisted and never broadcast."
      return { persist: { conversation, body, author: otherSide(role), broadcast: false } }
    },
  }

  const press = (name: string, pressed: boolean): void => {
    root.querySelector(`[data-fault="${name}"]`)?.setAttribute("aria-pressed", String(pressed))
  }
  const update = (report: Report | null): void => {
    if (!report) return
    const back = offline && !report.offline
    silent = report.silent
    offline = report.offline
    press("silence", silent)
    press("offline", offline)
    // What a browser would say of a network that is there again.
    if (back) dispatchEvent(new Event("online"))
  }

  root.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLButtonElement>("[data-fault]") : null
    const order = orders[button?.dataset["fault"] ?? ""]
    if (!button || !order) return
    button.disabled = true
    try {
      await fetch("/_control", { method: "POST", body: JSON.stringify(order()), signal: AbortSignal.timeout(3_000) })
      await new Promise(resolve => setTimeout(resolve, 300))
    } catch {
      // The server is away, as it was told: the figures say so.
    } finally {
      button.disabled = false
    }
  })
  return { update }
}
