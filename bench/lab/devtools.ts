// Just enough of the DevTools protocol to take CPU profiles and to look at heaps. https://chromedevtools.github.io/devtools-protocol/

import { once } from "node:events"
import { WebSocket } from "ws"
import type { Chromium } from "./chromium.ts"

type Reply = { id?: number; result?: unknown; error?: { message: string } }
type Target = { targetId: string; type: string; url: string }

export type CpuProfile = {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: readonly number[]
  /** Microseconds before each sample. */
  timeDeltas: readonly number[]
}

export class DevTools {
  readonly #socket: WebSocket
  readonly #calls = new Map<number, (reply: Reply) => void>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on("message", (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply
      if (reply.id !== undefined) this.#calls.get(reply.id)?.(reply)
    })
  }

  static async attach({ origin }: Chromium): Promise<DevTools> {
    const version = (await (await fetch(`${origin}/json/version`)).json()) as { webSocketDebuggerUrl: string }
    const socket = new WebSocket(version.webSocketDebuggerUrl, { perMessageDeflate: false })
    await once(socket, "open")
    return new DevTools(socket)
  }

  close(): void {
    this.#socket.close()
  }

  /** @returns the session of the first target of a type whose URL is such */
  async session(type: "page" | "shared_worker", isWanted: (url: string) => boolean): Promise<Session> {
    const { targetInfos } = await this.#call<{ targetInfos: Target[] }>("Target.getTargets", {
      filter: [{}],
    })
    const target = targetInfos.find(info => info.type === type && isWanted(info.url))
    if (!target) throw new Error(`There is no such ${type}.`)
    const { sessionId } = await this.#call<{ sessionId: string }>("Target.attachToTarget", {
      targetId: target.targetId,
      flatten: true,
    })
    return new Session((method, params) => this.#call(method, params, sessionId))
  }

  #call<T>(method: string, params: object, sessionId?: string): Promise<T> {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    return new Promise((resolve, reject) => {
      this.#calls.set(id, ({ result, error }) => {
        this.#calls.delete(id)
        if (error) reject(new Error(`${method}: ${error.message}`))
        else resolve(result as T)
      })
    })
  }
}

/** One attached page or worker. */
export class Session {
  readonly #call: (method: string, params: object) => Promise<unknown>

  constructor(call: (method: string, params: object) => Promise<unknown>) {
    this.#call = call
  }

  /** @returns what ends it */
  async profile(): Promise<() => Promise<CpuProfile>> {
    await this.#call("Profiler.enable", {})
    await this.#call("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_US })
    await this.#call("Profiler.start", {})
    return async () => ((await this.#call("Profiler.stop", {})) as { profile: CpuProfile }).profile
  }

  /** @returns KiB of its heap, garbage collected */
  async heap(): Promise<number> {
    await this.#call("HeapProfiler.enable", {})
    for (let n = 0; n < 2; n++) await this.#call("HeapProfiler.collectGarbage", {})
    return ((await this.#call("Runtime.getHeapUsage", {})) as { usedSize: number }).usedSize / 1_024
  }

  /** As browsers freeze pages that are long hidden: its tasks wait. */
  async freeze(): Promise<void> {
    await this.#call("Page.setWebLifecycleState", { state: "frozen" })
  }

  async thaw(): Promise<void> {
    await this.#call("Page.setWebLifecycleState", { state: "active" })
  }

  /** @returns the awaited value, which must be plain */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true }
    return ((await this.#call("Runtime.evaluate", params)) as { result: { value?: unknown } }).result.value
  }
}

const SAMPLE_EVERY_US = 200
