// Timers that end with the server, so that a stopped one leaves nothing behind in the process that started it.

export class Timers {
  readonly #running = new Set<NodeJS.Timeout>()

  /** Runs at once when `ms` is 0, and never after `clear`. */
  after(ms: number, run: () => void): void {
    if (ms <= 0) return run()
    const timer = setTimeout(() => {
      this.#running.delete(timer)
      run()
    }, ms)
    this.#running.add(timer)
  }

  wait(ms: number): Promise<void> {
    return new Promise(resolve => this.after(ms, resolve))
  }

  clear(): void {
    for (const timer of this.#running) clearTimeout(timer)
    this.#running.clear()
  }
}
