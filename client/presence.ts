// This page, as hubs see it: its lock says that it lives; it leaves with `pagehide` and wakes in many ways.

/** Unique per page life and kept in memory only: a duplicated tab copies its storage. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join("")
}

/**
 * Holds a lock that tells the hub that this page lives, until `signal` aborts.
 *
 * @returns its name, once it is held; `null` where there are no locks
 */
export function holdLock(tab: string, signal: AbortSignal): Promise<string | null> {
  const { locks } = navigator
  if (!locks) return Promise.resolve(null)
  const name = `trunkline/tab/${tab}`
  return new Promise(resolve => {
    const hold = () => {
      resolve(name)
      return new Promise<void>(release => {
        signal.addEventListener("abort", () => release())
      })
    }
    locks.request(name, { signal }, hold).catch(() => {}) // aborted before it was granted
  })
}

/** Calls `died` when the holder of a hub's alive lock is gone. */
export function awaitDeath(lock: string, signal: AbortSignal, died: () => void): void {
  navigator.locks?.request(lock, { mode: "shared", signal }, died).catch(() => {}) // aborted: somebody else noticed
}

/** Timers of hidden pages wait for a second or a minute; a lock's round trip does not. */
export async function pause(ms: number): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) await navigator.locks.request(`trunkline/pause/${randomId()}`, () => {})
}

const LATE_MS = 1_000

/**
 * A time in which an answer was due. If the page was frozen or asleep meanwhile, the answer may be there and not yet heard:
 * then it is given that time once more.
 *
 * @returns what cancels it
 */
export function deadline(ms: number, passed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const arm = () => {
    const due = performance.now() + ms
    timer = setTimeout(() => (performance.now() > due + LATE_MS ? arm() : passed()), ms)
  }
  arm()
  return () => clearTimeout(timer)
}

export function isVisible(): boolean {
  return document.visibilityState === "visible"
}

/** A page that the browser prepares on suspicion gets neither locks nor workers before somebody looks at it. */
export function whenActivated(run: () => void): void {
  if ("prerendering" in document && document.prerendering) {
    document.addEventListener("prerenderingchange", run, { once: true })
  } else {
    run()
  }
}

export type PageEvents = {
  /** The page goes, perhaps into the back/forward cache: a held lock, port or channel would cost it its place there. */
  hide: () => void
  /** It came back from there. */
  show: () => void
  /** It became visible or hidden, thawed, or is online again. */
  wake: () => void
}

export function watchPage({ hide, show, wake }: PageEvents, signal: AbortSignal): void {
  const options = { signal }
  addEventListener("pagehide", hide, options)
  addEventListener("pageshow", event => event.persisted && show(), options)
  addEventListener("online", wake, options)
  // `resume`: thawed. A listener on `window` would never hear it.
  for (const type of ["visibilitychange", "resume"]) document.addEventListener(type, wake, options)
}
