// The hub in a SharedWorker. A worker that cannot be had shows itself in three ways: the constructor throws, the object
// gets an `error` event, or nobody ever says hello. A dying worker still accepts connections and then says nothing, so
// another attempt is made now and then, in the end by another name; whichever is greeted first wins.

import type { Dial } from "./choose.ts"

const HELLO_TIMEOUT_MS = 3_000
/** A worker that starts for the first time is still being downloaded; after a death it is not. */
const RETRY_FIRST_MS = 1_000
const RETRY_AGAIN_MS = 100
/**
 * After the first retry. Firefox may answer with a killed worker whoever asks for its name, for as long as any page holds
 * on to it, and one that hangs has its name too. The mutex decides which of two workers is the hub: one too many is no harm.
 */
const RENAME_MS = 900

export function dialSharedWorker({ names, next, worker, again, signal, listen }: Dial): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController()
    const retryEvery = again ? RETRY_AGAIN_MS : RETRY_FIRST_MS
    const renameAt = performance.now() + retryEvery + RENAME_MS
    const open = () => {
      try {
        const isNext = performance.now() >= renameAt
        const shared = create(isNext ? next : names.worker, worker)
        shared.addEventListener("error", fail, { signal: settled.signal })
        void listen(shared.port, isNext).then(() => settle(resolve))
      } catch (error) {
        fail(error)
      }
    }
    const settle = (tell: () => void) => {
      settled.abort()
      clearInterval(retry)
      clearTimeout(timeout)
      tell()
    }
    const fail = (cause?: unknown) => settle(() => reject(cause))
    const retry = setInterval(open, retryEvery)
    const timeout = setTimeout(fail, HELLO_TIMEOUT_MS)
    signal.addEventListener("abort", () => fail(), { signal: settled.signal })
    open()
  })
}

function create(name: string, worker: Dial["worker"]): SharedWorker {
  if (typeof worker === "function") return (worker as (name: string) => SharedWorker)(name)
  // A TrustedScriptURL must arrive as it is.
  if (worker) return new SharedWorker(worker as string | URL, { type: "module", name })
  return new SharedWorker(new URL("../../worker.js", import.meta.url), { type: "module", name })
}
