// The way to one hub: finds a host, waits for a hello, attaches, notices the hub's death, and begins anew. A hub that
// speaks is answered, whoever it is and however often it speaks; what this page wants, its session knows.

import { BRIDGE_VERSION, type Attach, type Hello, type News, type TabApi, type Wire } from "../shared/bridge.ts"
import { CableError, type ErrorData } from "../shared/errors.ts"
import { workerName, type PageNames } from "../shared/identity.ts"
import type { ConsumerOptions } from "../shared/options.ts"
import { depose, reigningEpoch } from "./depose.ts"
import { dial } from "./host/choose.ts"
import { CALL_TIMEOUT_MS, Line, within, type Call } from "./line.ts"
import { awaitDeath, deadline, holdLock, isVisible, pause, randomId, watchPage, whenActivated } from "./presence.ts"
import { logger } from "./rails.ts"
import { warnOnce } from "./warnings.ts"

/** What the link itself knows of an attach. */
export type Introduction = Pick<Attach, "tab" | "lock" | "turn" | "visible" | "epoch" | "born">

export interface LinkEvents extends Omit<TabApi, "hello"> {
  attach(introduction: Introduction): Attach
  /** Whatever a hub has said is over; until another one speaks. */
  lost(): void
  /** No host could be had; it is tried again later. */
  failed(): void
  refused(error: ErrorData): void
}

/** How often a page that somebody looks at asks its hub whether it still answers. */
const PROBE_EVERY_MS = 10_000
const REDIAL_MS = 10_000
/** For a hub that has failed to answer once. */
const RECHECK_MS = 2_000
/**
 * Firefox frees a killed worker's locks before it forgets the worker: who dials at once gets the dead one, and so does
 * everybody who dials the same name later, for as long as anybody holds on to it. On a busy machine 20 ms were too short in
 * 2 of 30 kills, 25 in none; where this is too short, another name is dialled in the end.
 */
const BURIAL_MS = 100

export class Link {
  readonly #names: PageNames
  readonly #options: Readonly<ConsumerOptions>
  readonly #events: LinkEvents

  /** Aborts when the identity has logged out: nothing ever begins again. */
  readonly #end = new AbortController()
  /** Aborts when the page leaves; each return from the cache is a new life, with a new lock. */
  #life = new AbortController()
  /** Aborts when the hub is lost. */
  #hub = new AbortController()
  #tab = ""
  #turns = 0
  #lock: Promise<string | null> = Promise.resolve(null)
  #isDialling = false
  /** Which of the workers that replace each other, because the one before lost its database, or is dead and in the way. */
  #round = 0
  /** Where hubs say that they are active, and pages knock; `null` where there can be no hub but this page's own. */
  #news: BroadcastChannel | null = null
  /** All that may still say hello; later the one that did. */
  readonly #lines = new Set<Line>()
  #attached: Line | null = null
  /** Who is attached to nobody for so long tries anew. */
  #cancelPatience = () => {}
  /** The last hub held its locks and did not answer. */
  #isSuspicious = false
  #waiting: ((line: Line) => void)[] = []
  /** The hub's alive lock; a hub in this page does not die alone. */
  #alive: string | null = null
  #epoch = 0
  /** Whose alive lock was free. If it speaks again, it never held the lock that this page knows. */
  #dead = 0
  #highest = 0
  #born = 0

  constructor(names: PageNames, options: Readonly<ConsumerOptions>, events: LinkEvents) {
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
    return within(ready).then(line => line.call(call))
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
    this.#hearNews()
    void this.#dial(false)
  }

  /** A hub that this page did not dial may become the active one, now or later. */
  #hearNews(): void {
    if (!navigator.locks) return
    this.#news = new BroadcastChannel(this.#names.news)
    this.#news.addEventListener("message", ({ data }: MessageEvent<News | null>) => {
      if (data?.type !== "hello" || data.hello.epoch <= this.#epoch || this.#epoch < 0) return
      this.#lost()
      void this.#seek()
    })
  }

  /** Asks the active hub, wherever it is, for a wire to this page. If there is none, one will announce itself. */
  async #seek(): Promise<void> {
    const { signal } = this.#life
    const lock = await this.#lock
    if (signal.aborted || this.#attached || !this.#news || lock === null) return
    for (const line of this.#lines) if (!line.isOwn) line.close()
    const line = `${this.#names.worker}/line/${randomId()}`
    void this.#listen(new BroadcastChannel(line), false)
    this.#news.postMessage({ type: "knock", line, lock } satisfies News)
    const epoch = await reigningEpoch(this.#names)
    this.#cancelPatience()
    this.#cancelPatience = deadline(this.#isSuspicious ? RECHECK_MS : CALL_TIMEOUT_MS, () => {
      if (signal.aborted || this.#attached || this.#isDialling) return
      if (isVisible()) void depose(this.#names, epoch, signal)
      this.#redial()
    })
  }

  /** To the hub this looks like a closed tab: a message to a page in the cache would evict it from there. */
  #hide(): void {
    this.#life.abort()
    this.#news?.close()
    this.#news = null
    this.#drop()
  }

  #wake(): void {
    if (this.#attached) this.#probe(this.#attached.hub.wake(isVisible()))
    // Somebody who said hello and then nothing more may have died unheard.
    else if (!this.#life.signal.aborted && isVisible() && !this.#isDialling) this.#redial()
  }

  /** Who does not answer hangs. */
  #probe(call: Promise<unknown>): void {
    const { signal } = this.#hub
    within(call, signal).catch(() => {
      if (signal.aborted) return
      this.#isSuspicious = true
      this.#redial()
    })
  }

  /** Whoever waited for the mutex is active within milliseconds; only if nobody did, this page dials again. */
  async #died(): Promise<void> {
    const { signal } = this.#life
    this.#dead = this.#epoch
    const line = this.#attached
    this.#lost()
    line?.close()
    void this.#seek()
    await pause(BURIAL_MS)
    if (!signal.aborted && !this.#isDialling && !this.#attached) void this.#dial(true)
  }

  #redial(): void {
    this.#drop()
    void this.#dial(true)
  }

  async #dial(again: boolean): Promise<void> {
    const { signal } = this.#life
    const round = this.#round
    const listen = (port: MessagePort, isNext?: boolean) => this.#listen(port, true, round + (isNext ? 1 : 0))
    this.#isDialling = true
    try {
      const names = { ...this.#names, worker: workerName(this.#names, round) }
      await dial({ ...this.#options, names, next: workerName(this.#names, round + 1), again, signal, listen })
    } catch (error) {
      if (signal.aborted) return
      reportError(error)
      // Without a host of its own this page can still be another one's guest.
      if (!this.#attached) {
        this.#drop()
        void this.#seek()
        this.#events.failed()
      }
      setTimeout(() => signal.aborted || this.#attached || this.#redial(), REDIAL_MS)
    } finally {
      if (signal === this.#life.signal) this.#isDialling = false
    }
  }

  /** Resolves with the first hello. */
  #listen(wire: Wire, isOwn: boolean, round = 0): Promise<void> {
    return new Promise(resolve => {
      const line = new Line(wire, isOwn, this.#lines)
      line.expose({
        hello: hello => {
          if (hello.bridge !== BRIDGE_VERSION || this.#epoch < 0 || !this.#lines.has(line)) return
          resolve()
          this.#round = Math.max(this.#round, round)
          this.#hello(line, hello)
        },
        deliver: batch =>
          this.#attached === line && batch.epoch === this.#epoch ? this.#events.deliver(batch) : { ms: 0 },
        ask: ask => this.#events.ask(ask),
      })
    })
  }

  #hello(line: Line, { epoch, host, state, moved = 0, forgotten = 0 }: Hello): void {
    logger.log(`hub says hello: ${host}, ${state}, epoch ${epoch}`)
    if (this.#born && this.#born <= forgotten)
      return this.#events.refused({ code: "forgotten", message: "Logged out." })
    if (moved > this.#round) {
      this.#round = moved
      return this.#redial()
    }
    const isActive = state === "active"
    // The way to this page's own hub stays open while it is standby: its turn may come.
    for (const other of this.#lines) if (other !== line && (other.isOwn ? line.isOwn : isActive)) other.close()
    if (!isActive) return this.#standBy(line)
    this.#epoch = epoch
    this.#highest = Math.max(this.#highest, epoch)
    this.#born ||= epoch
    const isMisnamed = epoch === this.#dead
    if (isMisnamed) warnOnce("Trunkline: `worker` must pass its argument on as the SharedWorker's `name`.")
    this.#alive = host === "page" || isMisnamed ? null : this.#names.alive(epoch)
    this.#greet(line)
  }

  /** This page's own hub waits for the mutex, or has lost it. */
  #standBy(line: Line): void {
    if (this.#attached && this.#attached !== line) return
    this.#lost()
    void this.#seek()
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
      turn: (this.#turns += 1),
      visible: isVisible(),
      epoch: this.#highest,
      born: this.#born,
    })
    this.#attached = line
    this.#isSuspicious = false
    const call = line.hub.attach(attach)
    call.then(refusal => signal.aborted || !refusal || this.#events.refused(refusal), reportError)
    this.#probe(call)
    // One that hangs looks like one that has nothing to say.
    const asking = setInterval(() => isVisible() && this.#probe(line.hub.ping()), PROBE_EVERY_MS)
    signal.addEventListener("abort", () => clearInterval(asking))
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
    for (const line of this.#lines) line.close()
  }
}
