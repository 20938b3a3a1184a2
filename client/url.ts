// From what an application writes to an absolute cable URL; what the page's head says of it.

import { absoluteURL } from "../shared/url.ts"

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
  return absoluteURL(createWebSocketURL(url), undefined, /^wss?:/, "a cable URL (ws, wss, http or https)")
}
