// Turbo's streams over the shared cable, by one import that comes before Turbo's own:
//
//   import "trunkline/turbo"
//   import "@hotwired/turbo-rails"
//
// Turbo's elements keep nothing that they could catch up from, so after an interruption the page is refreshed by morphing.

import { release } from "./elements.ts" // before Turbo
import { cable } from "@hotwired/turbo-rails"

import {
  CableError,
  createConsumer,
  type Callbacks,
  type Consumer,
  type ConsumerOptions,
  type Subscriptions,
} from "../index.ts"
import { refreshSoon } from "./refresh.ts"

export type TurboOptions = ConsumerOptions & {
  /** Default: as `createConsumer()`. */
  url?: string | (() => string)
  /** Whether a page that missed something is fetched anew and morphed, once it is visible. Default true. */
  refreshOnGap?: boolean
}

let options: TurboOptions | null = {}

/**
 * Says how Turbo is connected. To be called right after the import: a moment later Turbo's elements subscribe.
 *
 * @throws CableError `bad-option` when that has happened
 */
export function configureTurbo(wanted: TurboOptions): void {
  if (!options) {
    throw new CableError(
      "bad-option",
      'Turbo has subscribed already: call configureTurbo() right after the import of "trunkline/turbo".',
    )
  }
  options = wanted
}

function connect(): Consumer {
  const { url, refreshOnGap = true, ...rest } = options ?? {}
  options = null
  const consumer = createConsumer(url, rest)
  if (refreshOnGap) watchGaps(consumer.subscriptions)
  return consumer
}

/** Turbo's mixins have no `caughtUp`; whose have, decide for themselves. */
function watchGaps(subscriptions: Subscriptions): void {
  const add = subscriptions.add.bind(subscriptions)
  const caughtUp: Callbacks["caughtUp"] = ({ outcome }) => outcome === "gap" && refreshSoon()
  subscriptions.add = subscription =>
    add("caughtUp" in subscription ? subscription : Object.assign(subscription, { caughtUp }))
}

// A task later: whoever imports this, at once or by `await import()`, can still configure it.
cable.setConsumer(new Promise(resolve => setTimeout(resolve)).then(connect))
release()
