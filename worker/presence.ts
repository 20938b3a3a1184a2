// Who is there, by Web Locks: no heartbeats, so no sleep, freeze or clock can make anybody look dead who is not.

import type { HubNames } from "../shared/identity.ts"
import { scriptLock } from "../shared/script.ts"

/**
 * Waits for the hub's mutex and holds it until the signal aborts. Only its holder opens a cable or writes a cursor.
 *
 * @returns a promise of having it; it stays open if the signal aborts before
 * @param lost called if the browser takes it away: somebody stole it
 */
export function takeMutex(names: HubNames, signal: AbortSignal, lost: () => void): Promise<void> {
  return hold(names.mutex, { mode: "exclusive" }, signal, lost)
}

/** Held by the active hub; a tab that is granted it in shared mode knows that the hub is dead. */
export function holdAlive(names: HubNames, epoch: number, signal: AbortSignal): Promise<void> {
  return hold(names.alive(epoch), { mode: "exclusive" }, signal, () => {})
}

/** For as long as this worker lives, pages find its script's URL. */
export function announceScript(worker: string): Promise<void> {
  return hold(scriptLock(worker, location.href), { mode: "shared" }, new AbortController().signal, () => {})
}

/** Calls back once when the page that holds this lock is gone: closed, navigated, crashed, or put into the cache. */
export function onTabGone(lock: string, signal: AbortSignal, gone: () => void): void {
  navigator.locks.request(lock, { signal }, gone).catch(() => {
    // Aborted: the tab attached anew, and is waited for again.
  })
}

function hold(name: string, options: LockOptions, signal: AbortSignal, lost: () => void): Promise<void> {
  return new Promise(granted => {
    let isHeld = false
    const held = () => {
      if (signal.aborted) return undefined // too late to leave the queue
      isHeld = true
      granted()
      return new Promise<void>(release => signal.addEventListener("abort", () => release(), { once: true }))
    }
    navigator.locks.request(name, { ...options, signal }, held).catch(() => isHeld && !signal.aborted && lost())
  })
}
