// A page and a hub, as the client's sources see them: globals on an EventTarget, Node's own locks, ports and comlink, and
// a hub that does what it is told. What real hubs do is tested with real ones.

import { expose, wrap, type Remote } from "comlink"
import { onTestFinished, vi } from "vitest"
import {
  BRIDGE_VERSION,
  type Attach,
  type Batch,
  type CableState,
  type Hello,
  type HubApi,
  type Inspection,
  type News,
  type TabApi,
  type Want,
  type Wire,
} from "../../shared/bridge.ts"
import type { WireEntry } from "../../shared/entry.ts"
import type { ErrorData } from "../../shared/errors.ts"
import { namesOf } from "../../shared/identity.ts"
import type { Id } from "../../shared/position.ts"

export const ORIGIN = "https://example.test/chat/1"

/** One connection of a page to a hub. */
export class FakePort {
  readonly tab: Remote<TabApi>
  readonly #port: Wire
  attaches: Attach[] = []
  /** Every other call, as `[name, …arguments]`. */
  calls: unknown[][] = []
  refusal: ErrorData | null = null
  readonly #waiting = new Set<() => void>()
  readonly #hub: FakeHub

  constructor(port: Wire, hub: FakeHub) {
    this.#port = port
    this.#hub = hub
    this.tab = wrap<TabApi>(port)
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        this.#note(() => this.calls.push([name, ...args]))
    const api: HubApi = {
      attach: attach => {
        this.#note(() => this.attaches.push(attach))
        return hub.refusal
      },
      subscribe: note("subscribe"),
      unsubscribe: note("unsubscribe"),
      perform: note("perform"),
      open: note("open"),
      reopen: note("reopen"),
      wake: note("wake"),
      ping: () => {
        note("ping")()
        return hub.pong
      },
      inspect: () => hub.inspection,
      forget: async () => {
        note("forget")()
        await hub.onForget(this)
      },
    }
    expose(api, port)
  }

  /** Waits until something that was said makes `read` return a value. */
  async when<T>(read: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = read()
      if (value !== undefined && value !== false) return value
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  attached(n = 1): Promise<Attach> {
    return this.when(() => this.attaches[n - 1])
  }

  called(name: string): Promise<unknown[]> {
    return this.when(() => this.calls.find(([called]) => called === name))
  }

  /** Everything that the page ever asked for. */
  get wants(): Want[] {
    const subscribed = this.calls.filter(([name]) => name === "subscribe").map(([, want]) => want as Want)
    return [...this.attaches.flatMap(({ wants }) => wants), ...subscribed]
  }

  hello(hello: Partial<Hello> = {}): Promise<void> {
    return this.tab.hello({ ...this.#hub.hello, ...hello })
  }

  /** Gives entries to a subscription: by default the one that was asked for last. */
  give(entries: WireEntry[], { after, to, cable = "live" }: { after?: Id | null; to?: Want; cable?: CableState } = {}) {
    const { subscription = -1 } = to ?? this.wants.at(-1) ?? {}
    const part = { subscription, entries: JSON.stringify(entries) }
    return this.deliver({ cable, parts: [after === undefined ? part : { ...part, after }] })
  }

  deliver(batch: Partial<Batch>) {
    return this.tab.deliver({ epoch: this.#hub.hello.epoch, cable: "live", parts: [], ...batch })
  }

  close(): void {
    this.#port.close()
  }

  #note(change: () => void): void {
    change()
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

export class FakeHub {
  hello: Hello = { bridge: BRIDGE_VERSION, build: "test", epoch: 1_000, host: "shared-worker", state: "active" }
  refusal: ErrorData | null = null
  /** What a `ping` waits for. */
  pong: Promise<void> | undefined
  inspection = { host: "shared-worker", socket: { state: "opening" } } as Inspection
  onForget: (port: FakePort) => Promise<void> = async () => {}
  ports: FakePort[] = []
  readonly #channels: BroadcastChannel[] = []
  readonly #held = new Map<string, () => void>()
  readonly #waiting = new Set<() => void>()

  /** As a worker's `connect` event: the alive lock is held before anybody hears a hello. */
  async connect(port: Wire, worker: string): Promise<void> {
    const connected = new FakePort(port, this)
    const { epoch, state } = this.hello
    if (state === "active") await this.hold(namesOf(worker).alive(epoch))
    void connected.hello()
    this.ports.push(connected)
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** As the active hub that pages have no port to: answers who knocks, and announces itself. */
  async openDoor(worker: string): Promise<{ line: string; lock: string }[]> {
    const knocks: { line: string; lock: string }[] = []
    const news = new BroadcastChannel(`${worker}/news`)
    this.#channels.push(news)
    news.onmessage = event => {
      const { data } = event as MessageEvent<News>
      if (data.type !== "knock") return
      knocks.push(data)
      const line = new BroadcastChannel(data.line)
      this.#channels.push(line)
      void this.connect(line, worker)
    }
    await this.hold(`${worker}/alive/${this.hello.epoch}`)
    news.postMessage({ type: "hello", hello: this.hello })
    return knocks
  }

  async port(n = 1): Promise<FakePort> {
    for (;;) {
      const port = this.ports[n - 1]
      if (port) return port
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  async hold(lock: string): Promise<void> {
    if (this.#held.has(lock)) return
    await new Promise<void>(granted => {
      void navigator.locks.request(lock, () => {
        granted()
        return new Promise<void>(release => this.#held.set(lock, release))
      })
    })
  }

  /** Pages learn it from the alive locks; ports say nothing. */
  die(): void {
    for (const port of this.ports) port.close()
    for (const channel of this.#channels.splice(0)) channel.close()
    for (const release of this.#held.values()) release()
    this.#held.clear()
    this.ports = []
  }
}

type WorkerScript = (port: MessagePort, name: string, worker: FakeSharedWorker) => void

/** What `new SharedWorker` leads to; a test may put anything in its place. */
let script: WorkerScript = () => {}
let ports: MessagePort[] = []

class FakeSharedWorker extends EventTarget {
  readonly port: MessagePort

  constructor(_url: string | URL, { name = "" }: { name?: string } = {}) {
    super()
    const { port1, port2 } = new MessageChannel()
    ports.push(port1, port2)
    this.port = port1
    script(port2, name, this)
  }
}

/** The page's side: what its window and document would be. */
export type FakePage = {
  hub: FakeHub
  document: EventTarget & { visibilityState: string; prerendering?: boolean }
  reported: unknown[]
  warned: string[]
  /** Names of the workers that were asked for. */
  workers: string[]
  window: EventTarget
  meta: Record<string, string>
  become(script: WorkerScript): void
  api: typeof import("../../client/index.ts")
}

/** A new page with the library newly loaded, and a hub behind every SharedWorker. */
export async function openPage(): Promise<FakePage> {
  const window = new EventTarget()
  const meta: Record<string, string> = {}
  const document = Object.assign(new EventTarget(), {
    baseURI: ORIGIN,
    visibilityState: "visible",
    head: {
      querySelector(selector: string) {
        const content = meta[/'(.+)'/.exec(selector)?.[1] ?? ""]
        return content === undefined ? null : { getAttribute: () => content }
      },
    },
  })
  const page: FakePage = {
    hub: new FakeHub(),
    document,
    reported: [],
    warned: [],
    workers: [],
    window,
    meta,
    become: next => (script = next),
    api: undefined as never,
  }
  script = (port, name) => {
    page.workers.push(name)
    void page.hub.connect(port, name)
  }
  ports = []
  vi.stubGlobal("document", document)
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window))
  vi.stubGlobal("SharedWorker", FakeSharedWorker)
  vi.stubGlobal("isSecureContext", true)
  vi.stubGlobal("reportError", (error: unknown) => page.reported.push(error))
  vi.spyOn(console, "warn").mockImplementation((text: string) => void page.warned.push(text))
  vi.resetModules()
  page.api = await import("../../client/index.ts")
  onTestFinished(() => {
    window.dispatchEvent(new Event("pagehide"))
    for (const port of ports) port.close()
    page.hub.die()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })
  return page
}

/** As the browser says it when a page goes into its cache or comes back from there. */
export function pageEvent(type: "pagehide" | "pageshow"): Event {
  return Object.assign(new Event(type), { persisted: true })
}

/** Long enough for what was posted to arrive, where a test shows that nothing happens. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** A mixin that notes everything it is told. */
export function listener() {
  const told: unknown[][] = []
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void told.push([name, ...args])
  const names = ["initialized", "connected", "disconnected", "rejected", "received", "caughtUp"] as const
  return { told, mixin: Object.fromEntries(names.map(name => [name, note(name)])) }
}
