// A page at the other end of a port, without any of the client's code: what the hub says is kept, what it asks is answered.

import { expose, wrap, type Remote } from "comlink"
import { onTestFinished } from "vitest"
import type { Answer, Ask, Attach, Batch, Hello, HubApi, TabApi, Taken } from "../../../shared/bridge.ts"
import type { WireEntry } from "../../../shared/entry.ts"
import type { Hub } from "../../../worker/hub.ts"

let pages = 0

export class Page {
  readonly hellos: Hello[] = []
  readonly batches: Batch[] = []
  readonly asked: Ask[] = []
  answer: Answer | null = null
  /** Its id; two pages of one are two wires of the same page. */
  tab = `page ${(pages += 1)}`
  readonly port: MessagePort
  readonly hub: Remote<HubApi>
  readonly #waiting = new Set<() => void>()

  /** @param to a hub that it dials, or the name of the channel on which it listens as a guest who has yet to knock */
  constructor(to: Hub | string, api: Partial<TabApi> = {}) {
    const { port1, port2 } = new MessageChannel()
    this.port = port2
    const wire = typeof to === "string" ? new BroadcastChannel(to) : port1
    onTestFinished(() => {
      port1.close()
      wire.close()
    })
    const own: TabApi = {
      hello: hello => this.#keep(this.hellos, hello),
      deliver: (batch): Taken => {
        this.#keep(this.batches, batch)
        return { ms: 1 }
      },
      ask: async ask => {
        this.#keep(this.asked, ask)
        return this.answer
      },
    }
    expose({ ...own, ...api }, wire)
    this.hub = wrap<HubApi>(wire)
    if (typeof to !== "string") to.connect(port2)
  }

  /** @returns once it holds, looked at each time that the hub has said something */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.#waiting.add(resolve))
  }

  /** The hub's hello once it is active. */
  async active(): Promise<Hello> {
    await this.until(() => this.hellos.at(-1)?.state === "active")
    return this.hellos.at(-1) as Hello
  }

  async attach(attach: Partial<Attach> = {}) {
    await this.active()
    return this.hub.attach({ ...ATTACH, tab: this.tab, ...attach })
  }

  /** What a subscription was given so far. */
  heard(subscription = 1): WireEntry[] {
    const parts = this.batches.flatMap(({ parts }) => parts).filter(part => part.subscription === subscription)
    return parts.flatMap(({ entries }) => JSON.parse(entries) as WireEntry[])
  }

  async hears(type: WireEntry[0], subscription = 1): Promise<void> {
    await this.until(() => this.heard(subscription).some(([heard]) => heard === type))
  }

  #keep<T>(list: T[], item: T): void {
    list.push(item)
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

export const ATTACH: Attach = {
  tab: "page",
  lock: null,
  identity: "somebody",
  url: "ws://127.0.0.1:9/cable",
  subprotocols: [],
  asks: false,
  credentials: false,
  open: false,
  visible: true,
  epoch: 0,
  born: 0,
  settings: { linger: 1_000, maxFrameBytes: 1_048_576 },
  wants: [],
}
