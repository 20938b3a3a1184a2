// A hub that hangs keeps its mutex. It is taken away at most once in each epoch, and let go of at once: whoever queues for
// it is next. The one who was robbed closes its cable as soon as it runs again.

import type { PageNames } from "../shared/identity.ts"

/** @returns the epoch of the hub that holds its alive lock; the highest, if a robbed one hangs on; 0 if there is none */
export async function reigningEpoch(names: PageNames): Promise<number> {
  const { held = [] } = await navigator.locks.query()
  const prefix = names.alive("")
  const alive = held.flatMap(({ name }) => (name?.startsWith(prefix) ? Number(name.slice(prefix.length)) : []))
  return Math.max(0, ...alive)
}

/** Takes the mutex from the hub of this epoch. Does nothing if somebody else reigns by now, or has done it already. */
export async function depose(names: PageNames, epoch: number, signal: AbortSignal): Promise<void> {
  if ((await reigningEpoch(names)) !== epoch) return
  const once = { mode: "exclusive", ifAvailable: true } as const
  void navigator.locks.request(names.deposed(epoch), once, lock => {
    if (!lock) return undefined
    void navigator.locks.request(names.mutex, { steal: true }, () => {})
    return new Promise<void>(release => signal.addEventListener("abort", () => release()))
  })
}
