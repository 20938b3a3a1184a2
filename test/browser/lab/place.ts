// Where the suites run: an engine, and the host that its tabs are told to use.

import type { HostKind } from "../../../client/index.ts"
import { ENGINES, type Engine } from "./browser.ts"
import { isEmbedded } from "./servers.ts"

export type Place = { engine: Engine; host: HostKind }
/** What follows "in" in a suite's name; the usual host goes without saying. */
type Named = readonly [where: string, place: Place]

/** `npm run test:all`: every suite in both engines and on every host whose tabs share a hub, and what takes long. */
export const isFull = process.env["TRUNKLINE_MATRIX"] === "all"

/** Over Rails it is the server that may make a difference: one engine and one host will do. */
const engines = isEmbedded() ? ENGINES : ENGINES.filter(engine => engine === "chromium")

const on = (host: HostKind): Named[] =>
  engines.map(engine => [host === "shared-worker" ? engine : `${engine} with ${host}`, { engine, host }])

export const SHARED_WORKERS: readonly Named[] = on("shared-worker")
export const LEADER_TABS: readonly Named[] = on("leader-tab")
export const PLACES: readonly Named[] = isFull && isEmbedded() ? [...SHARED_WORKERS, ...LEADER_TABS] : SHARED_WORKERS

/** What both engines need not show each time. */
export function sample(places: readonly Named[]): readonly Named[] {
  return isFull ? places : places.filter(([, { engine }]) => engine === "chromium")
}
