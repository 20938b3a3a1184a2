// Where a sentence plays: the library under test, the server's controls, and ways to wait and compare. It runs in the page.

import type { Consumer, ConsumerOptions, Subscription } from "../../../client/index.ts"
import type { Control } from "../../../demo/server/faults.ts"
import type { Report } from "../../../demo/server/stats.ts"
import type { Library } from "../libraries.ts"

/** The sentence does not hold. */
export class Broken extends Error {}

/** A callback's name and its arguments; only the first of `received`, whose second is ours. */
export type Told = [name: string, ...args: unknown[]]

const NAMES = ["initialized", "connected", "disconnected", "rejected", "received"]

/** Between two looks at what tells nobody when it changes. */
const LOOK_MS = 10

export class Stage {
  readonly api: typeof import("../../../client/index.ts")
  readonly library: Library
  readonly #patience: number
  #channels = 0

  /** @param patience milliseconds to wait for what a sentence says */
  constructor(library: Library, api: Stage["api"], patience: number) {
    this.library = library
    this.api = api
    this.#patience = patience
  }

  /** As an application makes one; what is ours in the options means nothing to Rails. */
  consumer(url: string | (() => string) = "/cable", options: ConsumerOptions = {}): Consumer {
    const host = this.library.host === "shared-worker" ? "auto" : (this.library.host ?? "auto")
    return this.api.createConsumer(url, { identity: "visitor", host, linger: 50, ...options })
  }

  /** A channel that nobody else listens to. It has the actions `echo` and `broadcast`, and both send back `value`. */
  channel(): { channel: string; name: string } {
    this.#channels += 1
    return { channel: "EchoChannel", name: `${performance.timeOrigin}.${this.#channels}` }
  }

  /** A mixin that notes what it is told. */
  listener(): { told: Told[]; mixin: object } {
    const told: Told[] = []
    const note = (name: string) => (first: unknown) => void told.push(first === undefined ? [name] : [name, first])
    return { told, mixin: Object.fromEntries(NAMES.map(name => [name, note(name)])) }
  }

  /** A connected subscription to a channel of its own. */
  async connected(
    consumer = this.consumer(),
  ): Promise<{ subscription: Subscription; told: Told[]; consumer: Consumer }> {
    const { told, mixin } = this.listener()
    const subscription = consumer.subscriptions.create(this.channel(), mixin)
    await this.until(() => told.some(([name]) => name === "connected"))
    return { subscription, told, consumer }
  }

  async control(orders: Control): Promise<void> {
    const response = await fetch("/_control", { method: "POST", body: JSON.stringify(orders) })
    if (!response.ok) throw new Error(await response.text())
  }

  async stats(): Promise<Report> {
    return (await (await fetch("/_control/stats")).json()) as Report
  }

  /** What the server heard, as `command channel`. */
  async commands(): Promise<string[]> {
    const { commands } = await this.stats()
    return commands.map(({ command, identifier }) => `${command} ${identifier}`)
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + this.#patience
    while (!(await holds())) {
      if (performance.now() > end) throw new Broken(`Not within ${this.#patience} ms: ${String(holds)}`)
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Compares as JSON. */
  readonly equal = (actual: unknown, expected: unknown): void => {
    const [is, wanted] = [actual, expected].map(value => JSON.stringify(value) ?? "undefined")
    if (is !== wanted) throw new Broken(`${is} instead of ${wanted}`)
  }

  /** As when a person comes back to the tab: both libraries then look after a lost cable at once. */
  wake(): void {
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))
  }
}
