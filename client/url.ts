// From what an application writes to an absolute cable URL; what the page's head says of it.

import { CableError } from "../shared/errors.ts"

/** Content of `<meta name="action-cable-<name>">`, as Rails' `action_cable_meta_tag` writes it. */
export function getConfig(name: string): string | undefined {
  return readMeta(`action-cable-${name}`)
}

/** Without a document, as when a server renders, there is none. */
export function readMeta(name: string): string | undefined {
  if (typeof document === "undefined") return undefined
  return document.head.querySelector(`meta[name='${name}']`)?.getAttribute("content") ?? undefined
}

/** As Rails': asks a function, makes the URL absolute, http → ws. What is not a URL comes back as it is. */
export function createWebSocketURL(url: string | (() => string)): string {
  const text = typeof url === "function" ? url() : url
  if (!text || /^wss?:/i.test(text)) return text
  try {
    return new URL(text, document.baseURI).href.replace(/^http/, "ws")
  } catch {
    return text
  }
}

/** @throws CableError `bad-url` */
export function cableURL(url: string | (() => string)): string {
  const text = createWebSocketURL(url)
  try {
    if (/^wss?:/i.test(text)) return new URL(text).href
  } catch {
    // told below, together with URLs of other protocols
  }
  throw new CableError("bad-url", `${JSON.stringify(text)} is not a cable URL: pass one of ws, wss, http or https.`)
}
