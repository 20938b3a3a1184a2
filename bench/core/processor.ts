/** Milliseconds that this thread has really run: what other work on the machine takes is not in it. */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
