// The one door to time and chance. The implementation is worker/system-clock.ts; tests and the simulation have their own.

export interface Clock {
  /** Milliseconds that never jump: unaffected by somebody setting the machine's clock. */
  now(): number
  /** Milliseconds since 1970, as the machine believes. Only epochs use it. */
  wall(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Runs once after `ms`, unless the returned function was called before. */
  after(ms: number, run: () => void): () => void
}
