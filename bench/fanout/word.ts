// What a tab tells the server, over a WebSocket of its own.

export type Word =
  /** It would get a message if one were sent now. */
  | { type: "ready" }
  /** The highest id so far: the server never runs further ahead of the slowest tab than its window. */
  | { type: "progress"; at: number }
  | Report

/**
 * The end of a flood. `count` messages came, `disorder` of them after a later one, `repeats` once more than once; the last
 * one came `late` milliseconds ago.
 */
export type Report = { type: "done"; count: number; disorder: number; repeats: number; late: number }
