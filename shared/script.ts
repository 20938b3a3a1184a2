// How the pages find a worker that was started from a blob: nothing else tells them its URL, which its maker alone knows.

/** Held by such a worker; for `""`, what all these names begin with. */
export function scriptLock(worker: string, url: string): string {
  return `${worker}/script/${url}`
}
