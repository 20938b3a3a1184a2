// A page whose streams missed something is fetched anew and morphed: once for all its streams, and when somebody looks.

import { Turbo } from "@hotwired/turbo-rails"

/** Streams come back one after the other. */
const GATHER_MS = 500

const REFRESH = '<turbo-stream action="refresh" method="morph" scroll="preserve"></turbo-stream>'

let isDue = false

export function refreshSoon(): void {
  if (isDue) return
  isDue = true
  setTimeout(refresh, GATHER_MS)
}

function refresh(): void {
  if (document.visibilityState === "hidden") {
    document.addEventListener("visibilitychange", refresh, { once: true })
    return
  }
  isDue = false
  Turbo.renderStreamMessage(REFRESH)
}
