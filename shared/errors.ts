// What can go wrong, by name. Codes are stable: applications may switch on them.

export type CableErrorCode =
  | "unknown-option" // an option that nobody reads, most often a typing mistake
  | "bad-option" // a known option with a value that cannot work
  | "bad-url" // a cable or catch-up URL that is not one
  | "bad-identifier" // a channel that cannot be written as JSON
  | "catch-up-without-url" // `catchUp` that does not say where to ask
  | "catch-up-without-after" // `catchUp` that does not say from where on
  | "worker-failed" // the worker's script could not be loaded, or never said hello
  | "hub-gone" // the hub died or fell silent while a call was under way; the tab attaches again by itself
  | "wrong-identity" // the hub belongs to somebody else
  | "forgotten" // the identity has logged out

/** Why messages can no longer be had. Told by `caughtUp({ outcome: "gap", reason })`. */
export type GapReason =
  | "no-catch-up" // the subscription reconnected and has no `catchUp`
  | "unauthorized" // 401 or 403, also with new credentials
  | "history-unavailable" // 404, 410, 422 and other answers that will not change
  | "no-cursor" // reconnected before anything told where "now" was
  | "storage" // the stored cursor cannot be read
  | "overflow" // the tab fell behind the log and has no `catchUp`

/** The form in which an error crosses the bridge: comlink keeps neither class nor code. */
export type ErrorData = { code: CableErrorCode; message: string }

export class CableError extends Error {
  override readonly name = "CableError"
  readonly code: CableErrorCode

  /** @param message one sentence that says what is wrong and what to do about it */
  constructor(code: CableErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  static from(data: ErrorData): CableError {
    return new CableError(data.code, data.message)
  }
}
