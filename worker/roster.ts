// Who is connected: the wires of the hub's tabs, which page speaks on each, and whether that page still lives.

import type { Attach, Hello, HubApi, Wire } from "../shared/bridge.ts"
import type { TabKey } from "./core/event.ts"
import { Port } from "./port.ts"
import { onTabGone } from "./presence.ts"

/**
 * `lock` is what its page holds for as long as it lives; `null` where there are no locks. `waiting` for it ends when the page
 * is gone or attaches anew. `page` and `turn` are the attach's. Guests came by the door.
 */
type Connected = {
  port: Port
  isGuest: boolean
  lock: string | null
  waiting: AbortController | null
  page: string | null
  turn: number
}

export interface RosterEvents {
  /** What one tab may call. */
  api(tab: TabKey): HubApi
  /** Its page is gone, or is attached on another wire. */
  gone(tab: TabKey): void
}

export class Roster {
  #keys = 0
  readonly #tabs = new Map<TabKey, Connected>()
  /** Some browsers fire `connect` again on a port that is connected: it is still one tab. */
  readonly #ports = new WeakMap<Wire, Port>()
  readonly #events: RosterEvents

  constructor(events: RosterEvents) {
    this.#events = events
  }

  /** Hellos are said to it at once, and whenever there is another. */
  connect(wire: Wire, hello: Hello, isGuest = false): TabKey {
    const tab = (this.#keys += 1)
    const known = this.#ports.get(wire)
    const port = known ?? new Port(wire, this.#events.api(tab))
    this.#ports.set(wire, port)
    if (!known) this.#tabs.set(tab, { port, isGuest, lock: null, waiting: null, page: null, turn: 0 })
    port.hello(hello)
    return tab
  }

  port(tab: TabKey): Port | undefined {
    return this.#tabs.get(tab)?.port
  }

  greet(hello: Hello): void {
    for (const { port } of this.#tabs.values()) port.hello(hello)
  }

  /**
   * A page attaches. One that came by the door may also get a port of its own, and is still one tab.
   *
   * @returns false if this attach was overtaken by one on another wire
   */
  attach(tab: TabKey, { tab: page, turn = 0, lock }: Attach): boolean {
    const others = [...this.#tabs].filter(([key, other]) => key !== tab && other.page === page)
    if (others.some(([, other]) => other.turn > turn)) return false
    for (const [key, other] of others) {
      other.page = null
      this.#events.gone(key)
    }
    const connected = this.#tabs.get(tab)
    if (connected) Object.assign(connected, { page, turn })
    this.watch(tab, lock)
    return true
  }

  watch(tab: TabKey, lock: string | null): void {
    const connected = this.#tabs.get(tab)
    if (!connected) return
    connected.waiting?.abort()
    connected.waiting = new AbortController()
    connected.lock = lock
    if (lock !== null) onTabGone(lock, connected.waiting.signal, () => this.#remove(tab))
  }

  /**
   * Queues for nobody's lock, or for everybody's again. Chromium throws a page out of its cache that is in a queue in which
   * somebody else waits behind it, and the next hub would; nor must it wait for the lock of its own page.
   */
  watchAll(isWatching: boolean): void {
    for (const [tab, { lock, waiting }] of this.#tabs) {
      if (isWatching) this.watch(tab, lock)
      else waiting?.abort()
    }
  }

  /** They find the next hub by themselves. */
  dismissGuests(): void {
    for (const [tab, { isGuest }] of this.#tabs) if (isGuest) this.#remove(tab)
  }

  #remove(tab: TabKey): void {
    const connected = this.#tabs.get(tab)
    this.#events.gone(tab)
    connected?.waiting?.abort()
    connected?.port.close()
    this.#tabs.delete(tab)
  }
}
