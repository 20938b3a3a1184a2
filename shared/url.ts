// URLs that somebody has written, made absolute.

import { CableError } from "./errors.ts"

/** @throws CableError `bad-url` for what is none, or of another protocol */
export function absoluteURL(url: string | URL, base: string | undefined, protocol: RegExp, wanted: string): string {
  try {
    const { href } = new URL(url, base)
    if (protocol.test(href)) return href
  } catch {
    // told below, together with other protocols
  }
  throw new CableError("bad-url", `${JSON.stringify(url)} is not ${wanted}: correct it.`)
}
