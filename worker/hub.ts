// A hub: who may come in, whose turn it is, and what is said when that changes. What it delivers is the engine's affair.

import {
  BRIDGE_VERSION,
  type Attach,
  type Hello,
  type HostKind,
  type HubApi,
  type Inspection,
  type PageHub,
  type Want,
} from "../shared/bridge.ts"
import type { Clock } from "../shared/clock.ts"
import type { ErrorData } from "../shared/errors.ts"
import type { HubNames } from "../shared/identity.ts"
import { sha256 } from "../shared/sha256.ts"
import type { Event, TabKey } from "./core/event.ts"
import type { CursorStore } from "./cursor-store.ts"
import { Door } from "./door.ts"
import { Engine } from "./engine.ts"
import { Peers } from "./peers.ts"
import { holdAlive, takeMutex } from "./presence.ts"
import { Roster } from "./roster.ts"

export type HubOptions = {
  host: HostKind
  names: HubNames
  build: string
  clock: Clock
  store: CursorStore
  /** Milliseconds of silence after which a cable is dead. */
  staleAfter?: number | undefined
}

/** A server that does not answer the close is not waited for. */
const CLOSE_WITHIN_MS = 1_000

export class Hub implements PageHub {
  #epoch = 0
  /** The highest epoch that any tab has heard of, from whatever hub. */
  #heard = 0
  /** The epoch in which the identity last logged out: pages born in it or before are not let in again. */
  #forgotten = 0
  #identity: string | null = null
  readonly #options: HubOptions
  readonly #engine: Engine
  readonly #tabs: Roster
  /** From the queue for the mutex until it is given up or taken away. */
  #term = AbortSignal.abort()
  #endTerm = () => {}
  /** The term for which an epoch is being taken. */
  #takingEpoch: AbortSignal | null = null
  #door: Door | null = null
  #peers: Peers | null = null
  /** To which round the tabs are sent, once the database is lost. */
  #moved = 0

  constructor(options: HubOptions) {
    this.#options = options
    this.#tabs = new Roster({ api: tab => this.#api(tab), gone: tab => this.#put({ type: "tab-gone", tab }) })
    this.#engine = new Engine({ ...options, rows: options.names.rows, port: tab => this.#tabs.port(tab) })
    if (options.host === "shared-worker") void options.store.lost.then(() => this.#move())
  }

  get isActive(): boolean {
    return this.#epoch > 0
  }

  enter(): void {
    if (!this.#term.aborted || this.#moved) return
    const { names, build } = this.#options
    this.#peers = new Peers(names, build, {
      forgotten: epoch => this.#obey(epoch),
      outdated: () => this.yield(),
    })
    const controller = new AbortController()
    this.#term = controller.signal
    this.#endTerm = () => controller.abort()
    this.#tabs.watchAll(true)
    void this.#begin(this.#term)
  }

  leave(): void {
    if (this.isActive) this.#stepDown()
    this.#tabs.watchAll(false)
    this.#endTerm()
    this.#peers?.close()
    this.#peers = null
  }

  /** The next hub opens its cable when this one's is closed at the server, so that there are never two. */
  yield(): void {
    const term = this.#term
    const goLast = () => {
      if (!term.aborted) this.#queueAnew()
    }
    if (!this.isActive) return goLast()
    this.#stepDown()
    void this.#engine.closed.then(goLast)
    this.#options.clock.after(CLOSE_WITHIN_MS, goLast)
  }

  /** Another worker can open the database that this one has lost: Safari's connections are lost to a worker for good. */
  #move(): void {
    this.#moved = this.#options.names.round + 1
    this.leave()
    this.#greet()
  }

  /** What tabs are still to hear is said before the locks are free, and guests are left to find the next hub. */
  #stepDown(): void {
    this.#put({ type: "ended" })
    this.#epoch = 0
    this.#door?.close()
    this.#door = null
    this.#tabs.dismissGuests()
    this.#greet()
  }

  /** A page has dialled. It attaches once it has heard the hub's hello. */
  connect(port: MessagePort): void {
    this.#tabs.connect(port, this.#hello())
  }

  /** What one tab may call. */
  #api(tab: TabKey): HubApi {
    const put = (event: Event) => this.#put(event)
    return {
      attach: attach => this.#attach(tab, attach),
      subscribe: (want: Want) => put({ type: "subscribe", tab, want }),
      unsubscribe: subscription => put({ type: "unsubscribe", tab, subscription }),
      perform: (identifier, data) => put({ type: "perform", tab, identifier, data }),
      open: wanted => put({ type: "open", tab, wanted }),
      reopen: () => put({ type: "reopen", tab }),
      wake: visible => put({ type: "wake", tab, visible }),
      ping: () => {},
      inspect: () => this.#inspect(),
      forget: () => this.#forget(),
    }
  }

  #attach(tab: TabKey, attach: Attach): ErrorData | null {
    if (this.#identity !== null && attach.identity !== this.#identity) {
      return {
        code: "wrong-identity",
        message: "This hub belongs to another identity: reload the page after a log-in.",
      }
    }
    if (attach.born > 0 && attach.born <= this.#forgotten) {
      // It may have come in before this hub knew of the log-out: what it would take, nobody sees.
      this.#put({ type: "tab-gone", tab })
      return { code: "forgotten", message: "This identity has logged out: reload the page after the next log-in." }
    }
    if (this.#identity === null && attach.identityParam)
      this.#engine.mark = { [attach.identityParam]: sha256(attach.identity) }
    this.#identity = attach.identity
    if (Number.isSafeInteger(attach.epoch)) this.#heard = Math.max(this.#heard, attach.epoch)
    if (!this.#tabs.attach(tab, attach)) return null
    this.#put({ type: "attached", tab, attach })
    if (this.isActive && attach.epoch > this.#epoch) void this.#takeEpoch(this.#term)
    return null
  }

  async #begin(term: AbortSignal): Promise<void> {
    const { names, host } = this.#options
    // Pages on their own have no common mutex: each has its cable (promise 1).
    if (host !== "page") {
      this.#peers?.say("waiting")
      await takeMutex(names, term, () => this.#queueAnew())
      this.#peers?.say("active")
    }
    await this.#takeEpoch(term)
  }

  /** Somebody has the mutex, or is to have it: this hub waits for its turn again, behind whoever waits already. */
  #queueAnew(): void {
    this.leave()
    this.enter()
  }

  /** The alive lock comes before the first hello, so that no tab ever waits for a lock that nobody will hold. */
  async #takeEpoch(term: AbortSignal): Promise<void> {
    if (this.#takingEpoch === term) return
    this.#takingEpoch = term
    const { names, host, clock, store } = this.#options
    const { epoch, forgotten } = await store.nextEpoch(Math.max(clock.wall(), this.#heard + 1))
    this.#forgotten = Math.max(this.#forgotten, forgotten)
    if (host !== "page") await holdAlive(names, epoch, term)
    if (term.aborted) return
    this.#takingEpoch = null
    // Meanwhile a tab came that has heard of a higher one, or somebody has logged out.
    if (epoch <= Math.max(this.#heard, this.#forgotten)) return this.#takeEpoch(term)
    this.#epoch = epoch
    this.#put({ type: "began", epoch })
    this.#greet()
    if (host === "page") return
    this.#door ??= new Door(names.news, (wire, lock) => {
      this.#tabs.watch(this.#tabs.connect(wire, this.#hello(), true), lock)
    })
    this.#door.announce(this.#hello())
  }

  #greet(): void {
    this.#tabs.greet(this.#hello())
  }

  #hello(): Hello {
    const { host, build } = this.#options
    return {
      bridge: BRIDGE_VERSION,
      build,
      epoch: this.#epoch,
      host,
      state: this.#state,
      ...(this.#forgotten ? { forgotten: this.#forgotten } : {}),
      ...(this.#moved ? { moved: this.#moved } : {}),
    }
  }

  /** Without the mutex there is no epoch. */
  get #state(): Hello["state"] {
    return this.isActive ? "active" : "standby"
  }

  #inspect(): Inspection {
    const { host, build, store } = this.#options
    const { kind: storage, error: storageError } = store
    return { host, build, epoch: this.#epoch, state: this.#state, storage, storageError, ...this.#engine.inspect() }
  }

  /** Nobody of before comes in again, not even while the store is still at it. */
  async #forget(): Promise<void> {
    const { clock, store } = this.#options
    this.#forgotten = Math.max(clock.wall(), this.#heard, this.#epoch)
    this.#leaveBehind()
    this.#peers?.forgotten(this.#forgotten)
    const forgotten = await store.forget(this.#forgotten)
    if (forgotten > this.#forgotten) this.#peers?.forgotten(forgotten)
    this.#forgotten = Math.max(this.#forgotten, forgotten)
    if (this.isActive) await this.#takeEpoch(this.#term)
  }

  /** The tabs know it from now on, whatever becomes of this hub and its store. */
  #leaveBehind(): void {
    this.#put({ type: "forget" })
    this.#greet()
  }

  /** Another hub of the identity has logged it out. */
  #obey(epoch: number): void {
    if (epoch <= this.#forgotten || epoch < this.#epoch) return
    this.#forgotten = epoch
    this.#leaveBehind()
    if (this.isActive) void this.#takeEpoch(this.#term)
  }

  #put(event: Event): void {
    this.#engine.put(event)
  }
}
