// Where a test's server comes from: the embedded one, unless a project's set-up says otherwise. test/rails/lab/setup.ts
// does, so that the same sentences are asked of real Rails.

import type { Controlled } from "./controlled.ts"
import { Server } from "./server.ts"

/**
 * @param site the directory whose files it serves
 * @param guest an origin whose pages may use it too
 */
export type StartServer = (site: string, guest?: string) => Promise<Controlled>

/** The embedded one. */
const EMBEDDED: StartServer = (site, guest) => Server.start(site, guest)

let start = EMBEDDED

export function serveBy(other: StartServer): void {
  start = other
}

export function isEmbedded(): boolean {
  return start === EMBEDDED
}

export function startServer(...args: Parameters<StartServer>): Promise<Controlled> {
  return start(...args)
}

/** For `it.each`: a sentence of which Rails cannot be asked. Why, stands above it. */
export function onEmbedded(sentence: string): readonly string[] {
  return isEmbedded() ? [sentence] : []
}
