// What the server saw, for tests and for the demo's panel.

/** Logs are bounded: a benchmark may run for hours. */
const LOG_LIMIT = 10_000

/** Milliseconds since 1970. `socket` counts from 1 in the order of opening. */
export type CommandSeen = { at: number; socket: number; command: string; identifier: string }

/** `status` is `null` until the request is answered. */
export type RequestSeen = {
  at: number
  method: string
  path: string
  after_id: string | null
  limit: string | null
  status: number | null
}

export type Report = {
  /** Open now. */
  sockets: number
  /** Since the server's start; `reset` leaves it alone. */
  opened: number
  /** Upgrades refused since the server's start. */
  refused: number
  /** Commands that arrived on any socket, in order. */
  commands: readonly CommandSeen[]
  /** Requests below `/webchats`, in the order of their arrival. */
  requests: readonly RequestSeen[]
  /** Rows in the database, whoever wrote them. */
  persisted: number
  /** Lasting faults that a person would want to end. */
  silent: boolean
  offline: boolean
}

export class Stats {
  opened = 0
  refused = 0
  #commands: CommandSeen[] = []
  #requests: RequestSeen[] = []

  command(socket: number, command: string, identifier: string): void {
    append(this.#commands, { at: Date.now(), socket, command, identifier })
  }

  /** @returns tells the status once it is known */
  request(seen: Omit<RequestSeen, "at" | "status">): (status: number) => void {
    const request: RequestSeen = { at: Date.now(), ...seen, status: null }
    append(this.#requests, request)
    return status => (request.status = status)
  }

  reset(): void {
    this.#commands = []
    this.#requests = []
  }

  report(now: Omit<Report, "opened" | "refused" | "commands" | "requests">): Report {
    const { opened, refused } = this
    return { ...now, opened, refused, commands: [...this.#commands], requests: [...this.#requests] }
  }
}

function append<T>(log: T[], seen: T): void {
  log.push(seen)
  if (log.length > LOG_LIMIT) log.splice(0, log.length - LOG_LIMIT / 2)
}
