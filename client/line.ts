// One way to a hub. A page has one to its own host's hub, and, if that is standby, another through the door of the active one.

import { expose, wrap, type Remote } from "comlink"
import type { HubApi, TabApi, Wire } from "../shared/bridge.ts"
import { CableError } from "../shared/errors.ts"
import { deadline } from "./presence.ts"

export type Call<T> = (hub: Remote<HubApi>) => Promise<T>

export const CALL_TIMEOUT_MS = 10_000

export class Line {
  readonly isOwn: boolean
  /** Kept for as long as the line is used: a comlink proxy that is collected closes its port. */
  readonly hub: Remote<HubApi>
  readonly #wire: Wire
  readonly #open: Set<Line>
  readonly #closed = new AbortController()

  /** @param open the page's lines, of which this is one until it is closed */
  constructor(wire: Wire, isOwn: boolean, open: Set<Line>) {
    this.isOwn = isOwn
    this.hub = wrap<HubApi>(wire)
    this.#wire = wire
    this.#open = open.add(this)
  }

  /** What the hub may call. */
  expose(tab: TabApi): void {
    expose(tab, this.#wire)
  }

  /** @throws CableError `hub-gone` */
  call<T>(call: Call<T>): Promise<T> {
    return within(call(this.hub), this.#closed.signal)
  }

  /** comlink leaves wires open. */
  close(): void {
    this.#open.delete(this)
    this.#wire.close()
    this.#closed.abort()
  }
}

/** A call to a dead hub never settles by itself. */
export function within<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new CableError("hub-gone", "The hub died or fell silent during the call: try again."))
    const cancel = deadline(CALL_TIMEOUT_MS, fail)
    signal?.addEventListener("abort", fail)
    call.then(resolve, reject).finally(() => {
      cancel()
      signal?.removeEventListener("abort", fail)
    })
  })
}
