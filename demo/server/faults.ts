// How the server can be told to misbehave: each a thing that real servers were seen to do. `POST /_control` takes any of
// these fields as JSON, several at a time; they are applied in the order given.

import type { Author, Message } from "./messages.ts"

export type CatchUpFault = {
  /** Milliseconds before the answer. */
  delay?: number
  /** HTTP status of the answer, instead of the real one. */
  status?: number
  /** `Retry-After`, in seconds or as a date. */
  retryAfter?: number | string
  /** Instead of the real body; a string is sent as it is, anything else as JSON. */
  body?: unknown
  /** How many requests. */
  times: number
}

export type PersistOrder = {
  conversation: string
  /** With a `count`, followed by a number from 1 up. */
  body: string
  count?: number
  author?: Author
  /** `false`: persisted and never broadcast. */
  broadcast: boolean
}

/** Orders of `POST /_control`, by field. Times are milliseconds; counts say how often a fault happens. */
export type Orders = {
  /** Cut every socket at once, without a close frame: 1006. Answers how many. */
  drop: true
  /** Sockets stay open and commands are taken, but nothing is sent, not even pings; `null` ends it. What is not sent is lost. */
  silence: number | null
  /** Confirm at once, but deliver broadcasts only that much later: the broker was not asked yet. 0 ends it. */
  confirmEarly: number
  /** Each broadcast is late by a random time up to this. 0 ends it. */
  reorder: number
  /** Each message takes its id at once, but is committed (and broadcast) only that much later. 0 ends it. */
  commitLate: number
  /** The next messages are persisted, but never broadcast. */
  persistOnly: number
  /** Delay or replace the next catch-up answers. */
  catchUp: CatchUpFault
  /** Sessions refused from now on, by the channel and over HTTP. Replaces the list before. */
  refuseSessions: readonly string[]
  /** The next subscribes raise after registering: no answer, no broadcasts, and a resent `subscribe` is ignored. */
  noAnswer: number
  /** Send this frame to every socket, then close it. */
  disconnect: { reason: string; reconnect: boolean }
  /** Close every socket with 1000 and no frame, as Rails 6.1 does with `remote_connections…disconnect`. */
  kick: true
  /** Catch-up repeats rows created so much before `after_id`. */
  overlap: number
  /** Retention: drop every message up to this id. Answers how many. */
  forget: number
  /** Send this text frame, whatever it is, to every socket. */
  raw: string
  /** Write messages, as somebody else's request would. Answers them. */
  persist: PersistOrder
  /** Broadcast to an identifier without persisting. Answers how many subscriptions it reached. */
  broadcast: { identifier: string; message: unknown }
  /** As if the network were gone: sockets cut, upgrades and requests below /webchats cut off unanswered. `false` ends it. */
  offline: boolean
  /** Replace this process by a new one on the same database and port. Only where somebody watches over it: demo/main.ts. */
  deploy: true
  /** Answer the next upgrades with 404. */
  refuseUpgrade: number
  /** The next sockets get `disconnect` with `unauthorized` instead of `welcome`, then 1000. */
  unauthorized: number
  /** End every lasting fault. Logs and messages stay. */
  heal: true
  /** Empty the logs of `GET /_control/stats`. */
  reset: true
}

export type Control = Partial<Orders>

/** What `POST /_control` answers: by field, where an order has something to say. */
export type ControlAnswer = { drop?: number; forget?: number; broadcast?: number; persist?: readonly Message[] }

/** The faults in force. */
export class Faults {
  confirmEarly = 0
  reorder = 0
  commitLate = 0
  overlap = 0
  persistOnly = 0
  noAnswer = 0
  refuseUpgrade = 0
  unauthorized = 0
  silentUntil = 0
  offline = false
  catchUp: CatchUpFault | null = null
  refusedSessions: ReadonlySet<string> = new Set()

  get silent(): boolean {
    return Date.now() < this.silentUntil
  }

  /** Counts one down. True if the fault strikes. */
  strikes(fault: "persistOnly" | "noAnswer" | "refuseUpgrade" | "unauthorized"): boolean {
    if (this[fault] <= 0) return false
    this[fault] -= 1
    return true
  }

  /** The fault for this catch-up request. */
  catchUpStrikes(): CatchUpFault | null {
    if (!this.catchUp || this.catchUp.times <= 0) return null
    this.catchUp = { ...this.catchUp, times: this.catchUp.times - 1 }
    return this.catchUp
  }

  heal(): void {
    Object.assign(this, new Faults())
  }
}
