// The hub in a SharedWorker whose script is on another origin, as that of a widget from a CDN. Browsers start workers from
// scripts of the page's own origin only; a blob of one line that imports the script is one. Each page's own blob would be
// another worker, so pages share the first one's URL, which works for as long as its worker lives: the worker holds a lock
// that is named with it. Loaded when it is needed, so it imports nothing that other pages need.

import type { Dial } from "./choose.ts"

export type BlobDial = Dial & {
  /** The script's URL, absolute; it is answered with `Access-Control-Allow-Origin`. */
  script: string
  /** What the name of the worker's lock begins with; its URL follows. */
  lock: string
  /** Dials the worker of a script of this origin. */
  start: (dial: Dial) => Promise<void>
}

/** By the script's URL. They are never revoked: a worker that died is started again from its maker's. */
const blobs = new Map<string, string>()

/** Resolves with the hub's hello. */
export async function dialBlobWorker(dial: BlobDial): Promise<void> {
  const { names, script, lock, start, signal } = dial
  const join = async () => {
    const url = await announced(lock)
    if (url === undefined) return false
    // Its worker may have died a moment ago.
    return start({ ...dial, worker: url }).then(
      () => true,
      () => false,
    )
  }
  if (await join()) return
  // One page at a time: two that find nothing would make two.
  await navigator.locks.request(`${names.worker}/making`, { signal }, async () => {
    if (!(await join())) await start({ ...dial, worker: blobOf(script) })
  })
}

async function announced(prefix: string): Promise<string | undefined> {
  const { held = [] } = await navigator.locks.query()
  const lock = held.find(lock => lock.name?.startsWith(`${prefix}blob:${globalThis.origin}/`))
  return lock?.name?.slice(prefix.length)
}

function blobOf(script: string): string {
  let url = blobs.get(script)
  if (url === undefined) {
    const line = `export * from ${JSON.stringify(script)}`
    url = URL.createObjectURL(new Blob([line], { type: "text/javascript" }))
    blobs.set(script, url)
  }
  return url
}
