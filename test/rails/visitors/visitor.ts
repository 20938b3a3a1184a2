// Somebody who has a conversation open, and what that one was given.

/** What a visitor's process is told. */
export type Assignment = {
  origin: string
  conversation: string
  /** Absolute URL of the built package's page code, and of its worker. */
  client: string
  worker: string
  /** How many visitors of each kind. */
  ours: number
  naive: number
  /** Milliseconds between two reconciles. */
  reconcileEvery: number
}

export interface Visitor {
  /** Ids in the order in which they came, repeats included. */
  readonly received: readonly number[]
  /** It is connected, and has caught up since. */
  isCurrent(): boolean
}

export function cableURL({ origin }: Assignment): string {
  return `${origin.replace("http", "ws")}/cable`
}

export function channelOf({ conversation }: Assignment) {
  return { channel: "WebchatChannel", id: 42, session: "s1", conversation }
}

export function catchUpURL({ origin }: Assignment): string {
  return `${origin}/webchats/42/messages`
}
