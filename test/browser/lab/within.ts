// No test waits for ever, and every one that waited in vain says for what.

/** @param what evaluated only when time is up */
export async function within<T>(ms: number, promise: Promise<T>, what?: () => Promise<string>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<"late">(resolve => (timer = setTimeout(() => resolve("late"), ms)))
  promise.catch(() => {}) // nobody listens any more when it fails later
  try {
    const first = await Promise.race([promise.then(value => ({ value })), timeout])
    if (first !== "late") return first.value
  } finally {
    clearTimeout(timer)
  }
  throw new Error(`Not within ${ms} ms: ${(await what?.()) ?? "an answer"}`)
}
