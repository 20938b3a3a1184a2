// The life of the one cable: idle → asking → opening → live → waiting → … or refused. It decides when to open and when
// to give up; worker/cable.ts owns the socket. Success is the server's `welcome`, not the socket's opening: a server that
// accepts and then closes must not be hit again at once for ever.

import type { CableState } from "../../shared/bridge.ts"
import { backoff, type Context } from "./context.ts"
import type { Credentials } from "./credentials.ts"
import type { Timer } from "./timers.ts"

/** `asking`, `waiting`, `refused` and `idle` own no socket; the others own exactly one. */
export type Connection =
  | { type: "idle" }
  | { type: "asking"; attempt: number }
  | { type: "opening"; cable: number; attempt: number }
  /** `excused`: it has been given time for frames that may have come while the hub slept. */
  | { type: "live"; cable: number; heardAt: number; excused: boolean }
  | { type: "waiting"; attempt: number }
  | { type: "refused"; reason: string }

/** Two missed pings: Rails beats every 3 s (ActionCable::Server::Connections::BEAT_INTERVAL). */
export const STALE_AFTER_MS = 6_000
/** From the dial to the welcome. Browsers alone would try for minutes. */
export const OPEN_WITHIN_MS = 10_000
export const LONGEST_WAIT_MS = 10_000
/** Applications call `reopen` from every tab after an account switch; one of them is enough. */
export const REOPEN_EVERY_MS = 5_000
/** A deadline that is this late was slept through; frames that came meanwhile are still in the queue behind it. */
const SLEPT_MS = 500

export interface ConnectionEvents {
  live(): void
  /** Told once for each `live`. */
  lost(willAttemptReconnect: boolean): void
  changed(): void
}

export class Cable {
  /** Milliseconds of silence. */
  staleAfter = STALE_AFTER_MS
  #state: Connection = { type: "idle" }
  #wanted = false
  #renewed = false
  #reopenedAt = -Infinity
  readonly #ctx: Context
  readonly #credentials: Credentials
  readonly #events: ConnectionEvents
  readonly #timer: Timer

  constructor(ctx: Context, credentials: Credentials, events: ConnectionEvents) {
    this.#ctx = ctx
    this.#credentials = credentials
    this.#events = events
    this.#timer = ctx.timer(late => this.#onTimer(late))
  }

  get state(): CableState {
    return this.#state.type === "asking" ? "opening" : this.#state.type
  }

  get reason(): string | null {
    return this.#state.type === "refused" ? this.#state.reason : null
  }

  /** Opens when somebody wants the cable, closes when nobody does. */
  want(wanted: boolean): void {
    this.#wanted = wanted
    if (!wanted) this.#become({ type: "idle" })
    else if (this.#state.type === "idle") this.#open(0)
  }

  /** A page attached or connected anew: what the server refused to others it may grant now. */
  retry(): void {
    if (this.#state.type === "refused" && this.#wanted) this.#open(0)
  }

  /** A page woke. A wait is cut short; a cable that is really dead shows it within `staleAfter` of its last frame. */
  wake(): void {
    if (this.#state.type === "waiting") this.#open(this.#state.attempt)
  }

  reopen(): void {
    if (!this.#wanted || this.#ctx.now - this.#reopenedAt < REOPEN_EVERY_MS) return
    this.#reopenedAt = this.#ctx.now
    this.#open(0)
  }

  send(text: string): boolean {
    if (this.#state.type !== "live") return false
    this.#ctx.emit({ type: "send", cable: this.#state.cable, text })
    return true
  }

  /** @returns false for frames of a cable that is no longer ours */
  heard(cable: number): boolean {
    const state = this.#state
    if (!("cable" in state) || state.cable !== cable) return false
    if (state.type === "live") {
      state.heardAt = this.#ctx.now
      state.excused = false
    }
    return true
  }

  welcomed(): void {
    const state = this.#state
    if (state.type !== "opening") return
    this.#renewed = false
    this.#become({ type: "live", cable: state.cable, heardAt: this.#ctx.now, excused: false })
    this.#events.live()
  }

  /** The server says goodbye. With `reconnect: false` that is final, but for one try with new credentials. */
  onDisconnect(reason: string, reconnect: boolean): void {
    if (reconnect) return this.#wait()
    if (reason === "unauthorized" && this.#credentials.available && !this.#renewed) {
      this.#renewed = true
      return this.#open(0, "unauthorized")
    }
    this.#become({ type: "refused", reason })
  }

  closed(cable: number): void {
    if ("cable" in this.#state && this.#state.cable === cable) this.#wait()
  }

  #open(attempt: number, reason: "open" | "unauthorized" = "open"): void {
    this.#become({ type: "asking", attempt })
    this.#credentials.ask(reason, ({ url, subprotocols }) => {
      if (this.#state.type !== "asking") return
      const cable = this.#ctx.number()
      this.#ctx.emit({ type: "dial", cable, url, subprotocols })
      this.#become({ type: "opening", cable, attempt })
    })
  }

  /** After a loss the first try comes within half a second; each failure doubles the range. */
  #wait(): void {
    const attempt = this.#state.type === "opening" ? this.#state.attempt + 1 : 0
    this.#become({ type: "waiting", attempt })
  }

  /** The one place where the state changes: drops the socket that the new state does not own, and sets its deadline. */
  #become(next: Connection): void {
    const before = this.#state
    // Between two cables there is always a state without one.
    if ("cable" in before && !("cable" in next)) this.#ctx.emit({ type: "drop", cable: before.cable })
    this.#state = next
    this.#timer.clear()
    const wait = this.#deadline(next)
    if (wait !== null) this.#timer.set(this.#ctx.now + wait)
    if (before.type === "live") this.#events.lost(next.type !== "idle" && next.type !== "refused")
    this.#events.changed()
  }

  #deadline(state: Connection): number | null {
    switch (state.type) {
      case "opening":
        return OPEN_WITHIN_MS
      case "live":
        return this.staleAfter
      case "waiting":
        return backoff(state.attempt, LONGEST_WAIT_MS, this.#ctx.random())
      case "idle":
      case "asking":
      case "refused":
        return null
    }
  }

  #onTimer(late: number): void {
    const state = this.#state
    if (state.type === "waiting") this.#open(state.attempt)
    if (state.type === "opening") this.#wait()
    if (state.type === "live") this.#listen(state, late)
  }

  /**
   * Silence is counted from the last frame; time that this hub slept through proves nothing about the server. Once: in a
   * hidden page every deadline is late.
   */
  #listen(state: Connection & { type: "live" }, late: number): void {
    if (late > SLEPT_MS && !state.excused) {
      state.excused = true
      state.heardAt = Math.max(state.heardAt, this.#ctx.now - this.staleAfter / 2)
    }
    const silentFor = this.#ctx.now - state.heardAt
    if (silentFor < this.staleAfter) this.#timer.set(state.heardAt + this.staleAfter)
    else this.#wait()
  }
}
