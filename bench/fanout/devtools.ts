// Just enough of the DevTools protocol to take CPU profiles. https://chromedevtools.github.io/devtools-protocol/

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

  /** Profiles the first target of a type whose URL starts so; the returned function ends it. */
  async profile(type: "page" | "shared_worker", url: string): Promise<() => Promise<CpuProfile>> {
    const { targetInfos } = await this.#call<{ targetInfos: Target[] }>("Target.getTargets", {
      filter: [{}],
    })
    const target = targetInfos.find(info => info.type === type && info.url.startsWith(url))
    if (!target) throw new Error(`There is no ${type} at ${url}.`)
    const { sessionId } = await this.#call<{ sessionId: string }>("Target.attachToTarget", {
      targetId: target.targetId,
      flatten: true,
    })
    await this.#call("Profiler.enable", {}, sessionId)
    await this.#call("Profiler.setSamplingInterval", { interval: 200 }, sessionId)
    await this.#call("Profiler.start", {}, sessionId)
    return async () => (await this.#call<{ profile: CpuProfile }>("Profiler.stop", {}, sessionId)).profile
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
