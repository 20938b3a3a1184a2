// What a tab and the server say to each other, over a WebSocket of their own.

/** By a tab. */
export type Word =
  /** What is the time? */
  | { type: "clock" }
  /** It would get a message if one were sent now; `connected` so many milliseconds after it began. */
  | { type: "ready"; connected: number }
  /** The highest id so far: the server never runs further ahead of the slowest tab than its window. */
  | { type: "progress"; at: number }
  | Report

/**
 * The end of a flood. `count` messages came, `disorder` of them after a later one, `repeats` once more than once; the last
 * one came `late` milliseconds ago. `latencies`: of each that told when it was sent, in milliseconds.
 */
export type Report = {
  type: "done"
  count: number
  disorder: number
  repeats: number
  late: number
  latencies: readonly number[]
}

/** By the server: its time in milliseconds. */
export type Order = { type: "clock"; now: number } | { type: "close" }
