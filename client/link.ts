// The way to one hub: finds a host, waits for a hello, attaches, notices the hub's death, and begins anew. A hub that
// speaks is answered, whoever it is and however often it speaks; what this page wants, its session knows.

import { expose, wrap, type Remote } from "comlink"
import { BRIDGE_VERSION, type Attach, type Hello, type HubApi, type TabApi } from "../shared/bridge.ts"
import { CableError, type ErrorData } from "../shared/errors.ts"
import type { HubNames } from "../shared/identity.ts"
import type { ConsumerOptions } from "../shared/options.ts"
import { dial, warnOnce } from "./host/choose.ts"
import { awaitDeath, holdLock, isVisible, pause, randomId, watchPage, whenActivated } from "./presence.ts"
import { logger } from "./rails.ts"

/** What the link itself knows of an attach. */
export type Introduction = Pick<Attach, "tab" | "lock" | "visible" | "epoch" | "born">

export interface LinkEvents extends Omit<TabApi, "hello"> {
  attach(introduction: Introduction): Attach
  /** Whatever a hub has said is over; until another one speaks. */
  lost(): void
  /** No host could be had; it is tried again later. */
  failed(): void
  refused(error: ErrorData): void
}

/** One way in. Kept for as long as it is used: a comlink proxy that is collected closes its port. */
type Line = { port: MessagePort; hub: Remote<HubApi>; closed: AbortController }
type Call<T> = (hub: Remote<HubApi>) => Promise<T>

const CALL_TIMEOUT_MS = 10_000
const REDIAL_MS = 10_000
/**
 * Firefox frees a killed worker's locks before it forgets the worker: who dials at once gets the dead one, and so does
 * everybody who dials the same name later, for as long as anybody holds on to it. On a busy machine 20 ms were too short in
 * 2 of 30 kills, 25 in none.
 */
const BURIAL_MS = 100

export class Link {
  readonly #names: HubNames
  readonly #options: Readonly<ConsumerOptions>
  readonly #events: LinkEvents

  /** Aborts when the identity has logged out: nothing ever begins again. */
  readonly #end = new AbortController()
  /** Aborts when the page leaves; each return from the cache is a new life, with a new lock. */
  #life = new AbortController()
  /** Aborts when the hub is lost. */
  #hub = new AbortController()
  #tab = ""
  #lock: Promise<string | null> = Promise.resolve(null)
  #isDialling = false
  /** All that may still say hello; later the one that did. */
  readonly #lines = new Set<Line>()
  #attached: Line | null = null
  #waiting: ((line: Line) => void)[] = []
  /** The hub's alive lock; a hub in this page does not die alone. */
  #alive: string | null = null
  #epoch = 0
  /** Whose alive lock was free. If it speaks again, it never held the lock that this page knows. */
  #dead = 0
  #highest = 0
  #born = 0

  constructor(names: HubNames, options: Readonly<ConsumerOptions>, events: LinkEvents) {
    this.#names = names
    this.#options = options
    this.#events = events
    this.#life.abort()
    watchPage({ hide: () => this.#hide(), show: () => this.#begin(), wake: () => this.#wake() }, this.#end.signal)
  }

  get isOver(): boolean {
    return this.#end.signal.aborted
  }

  /** Connects, unless that is done or under way. */
  start(): void {
    if (this.#life.signal.aborted) whenActivated(() => this.#begin())
    else if (!this.#isDialling && !this.#lines.size) void this.#dial(false)
  }

  /** Attaches anew to the same hub. */
  again(): void {
    if (this.#attached) this.#greet(this.#attached)
  }

  /** Says something that needs no answer, if anybody hears it; a hub that comes later hears of it when this page attaches. */
  post(call: Call<unknown>): void {
    if (this.#attached) call(this.#attached.hub).catch(reportError)
  }

  /** @throws CableError `hub-gone`, `forgotten` */
  call<T>(call: Call<T>): Promise<T> {
    if (this.isOver) {
      return Promise.reject(new CableError("forgotten", "This identity has logged out: create another consumer."))
    }
    this.start()
    const ready = new Promise<Line>(resolve => {
      if (this.#attached) resolve(this.#attached)
      else this.#waiting.push(resolve)
    })
    return within(ready).then(({ hub, closed }) => within(call(hub), closed.signal))
  }

  /** Hears nothing more of the hub, which begins anew as soon as it has forgotten, but the answer to a call. */
  ignore(): void {
    this.#hub.abort()
    this.#epoch = -1
  }

  close(): void {
    this.#end.abort()
    this.#hide()
  }

  /** A life of this page begins. */
  #begin(): void {
    if (this.isOver || !this.#life.signal.aborted) return
    this.#events.lost()
    this.#life = new AbortController()
    this.#tab = randomId()
    this.#lock = holdLock(this.#tab, this.#life.signal)
    void this.#dial(false)
  }

  /** To the hub this looks like a closed tab: a message to a page in the cache would evict it from there. */
  #hide(): void {
    this.#life.abort()
    this.#drop()
  }

  #wake(): void {
    if (this.#attached) this.post(hub => hub.wake(isVisible()))
    // Somebody who said hello and then nothing more may have died unheard.
    else if (!this.#life.signal.aborted && isVisible() && !this.#isDialling) this.#redial()
  }

  async #died(): Promise<void> {
    const { signal } = this.#life
    this.#dead = this.#epoch
    this.#drop()
    await pause(BURIAL_MS)
    if (!signal.aborted && !this.#isDialling && !this.#lines.size) void this.#dial(true)
  }

  #redial(): void {
    this.#drop()
    void this.#dial(true)
  }

  async #dial(again: boolean): Promise<void> {
    const { signal } = this.#life
    const { host, worker } = this.#options
    const listen = (port: MessagePort) => this.#listen(port)
    this.#isDialling = true
    try {
      await dial(host, { name: this.#names.worker, worker, again, signal, listen })
    } catch (error) {
      if (signal.aborted) return
      reportError(error)
      this.#drop()
      this.#events.failed()
      setTimeout(() => signal.aborted || this.start(), REDIAL_MS)
    } finally {
      if (signal === this.#life.signal) this.#isDialling = false
    }
  }

  /** Resolves with the first hello. */
  #listen(port: MessagePort): Promise<void> {
    return new Promise(resolve => {
      const line: Line = { port, hub: wrap<HubApi>(port), closed: new AbortController() }
      this.#lines.add(line)
      const tab: TabApi = {
        hello: hello => {
          if (hello.bridge !== BRIDGE_VERSION || this.#epoch < 0 || !this.#lines.has(line)) return
          resolve()
          this.#hello(line, hello)
        },
        deliver: batch => (this.#attached && batch.epoch === this.#epoch ? this.#events.deliver(batch) : { ms: 0 }),
        ask: ask => this.#events.ask(ask),
      }
      expose(tab, port)
    })
  }

  #hello(line: Line, { epoch, host, state }: Hello): void {
    logger.log(`hub says hello: ${host}, ${state}, epoch ${epoch}`)
    for (const other of this.#lines) if (other !== line) this.#close(other)
    this.#lost()
    if (state === "standby") return
    this.#epoch = epoch
    this.#highest = Math.max(this.#highest, epoch)
    this.#born ||= epoch
    const isMisnamed = epoch === this.#dead
    if (isMisnamed) warnOnce("Trunkline: `worker` must pass its argument on as the SharedWorker's `name`.")
    this.#alive = host === "page" || isMisnamed ? null : this.#names.alive(epoch)
    this.#greet(line)
  }

  /** The lock comes first: the hub waits for it to learn that this page is gone. */
  #greet(line: Line): void {
    this.#lost()
    const { signal } = (this.#hub = new AbortController())
    if (this.#alive) awaitDeath(this.#alive, signal, () => signal.aborted || this.#died())
    void this.#lock.then(lock => signal.aborted || this.#attach(line, lock))
  }

  #attach(line: Line, lock: string | null): void {
    const { signal } = this.#hub
    const attach = this.#events.attach({
      tab: this.#tab,
      lock,
      visible: isVisible(),
      epoch: this.#highest,
      born: this.#born,
    })
    this.#attached = line
    within(line.hub.attach(attach), signal).then(
      refusal => refusal && this.#events.refused(refusal),
      () => signal.aborted || this.#redial(),
    )
    // What is said on one port is heard in order: nobody needs to wait for the reply.
    for (const run of this.#waiting.splice(0)) run(line)
  }

  #lost(): void {
    this.#hub.abort()
    this.#attached = null
    if (!this.#life.signal.aborted) this.#events.lost()
  }

  #drop(): void {
    this.#lost()
    for (const line of this.#lines) this.#close(line)
  }

  /** comlink leaves ports open. */
  #close(line: Line): void {
    this.#lines.delete(line)
    line.port.close()
    line.closed.abort()
  }
}

/** A call to a dead hub never settles by itself. */
function within<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new CableError("hub-gone", "The hub died or fell silent during the call: try again."))
    const timeout = setTimeout(fail, CALL_TIMEOUT_MS)
    signal?.addEventListener("abort", fail)
    call.then(resolve, reject).finally(() => {
      clearTimeout(timeout)
      signal?.removeEventListener("abort", fail)
    })
  })
}
