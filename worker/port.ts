// One tab's end of the bridge: comlink both ways over one wire. The hub never waits for a tab; it registers what to do
// when the reply comes, for a frozen tab answers when it thaws and a dead one never.

import { expose, wrap, type Remote } from "comlink"
import type { Answer, Ask, Batch, Hello, HubApi, TabApi, Taken, Wire } from "../shared/bridge.ts"

export class Port {
  readonly #endpoint: Wire
  readonly #tab: Remote<TabApi>

  constructor(endpoint: Wire, api: HubApi) {
    this.#endpoint = endpoint
    expose(api, endpoint)
    this.#tab = wrap<TabApi>(endpoint)
  }

  hello(hello: Hello): void {
    this.#tab.hello(hello).catch(ignore)
  }

  /** @param taken gets how many milliseconds the tab's callbacks took */
  deliver(batch: Batch, taken: (ms: number) => void): void {
    // Whatever answers the call, the batch is no longer under way.
    this.#tab.deliver(batch).then((reply: Taken | undefined) => taken(Number(reply?.ms) || 0), ignore)
  }

  ask(ask: Ask, answered: (answer: Answer | null) => void): void {
    this.#tab.ask(ask).then(answered, () => answered(null))
  }

  close(): void {
    this.#endpoint.close()
  }
}

/** A tab's call failed in the tab, which reports it there. */
function ignore(): void {}
