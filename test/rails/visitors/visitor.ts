// Somebody who has a conversation open, and what that one was given.

export type Kind = "ours" | "naive" | "rewound"
export const KINDS: readonly Kind[] = ["ours", "naive", "rewound"]

/** What a process of visitors is told. */
export type Assignment = {
  origin: string
  conversations: readonly string[]
  /** How many visitors of each kind each conversation has. */
  each: Readonly<Record<Kind, number>>
  /** Milliseconds between two reconciles; absent: the default. */
  reconcileEvery?: number
  /** Absolute URLs of the built package's page code, and of its worker. */
  client: string
  worker: string
}

/** Where one of them is. */
export type Place = Omit<Assignment, "conversations" | "each"> & { conversation: string }

export interface Visitor {
  /** Ids in the order in which they came, repeats included. */
  readonly received: readonly number[]
  /** It is connected, and has caught up since. */
  isCurrent(): boolean
  /** All that it was told, with milliseconds since 1970, and what its hub says of itself. */
  history?(): Promise<unknown>
}

export function cableURL({ origin }: Place): string {
  return `${origin.replace("http", "ws")}/cable`
}

export function channelOf({ conversation }: Place) {
  return { channel: "WebchatChannel", id: 42, session: "s1", conversation }
}

export function catchUpURL({ origin }: Place): string {
  return `${origin}/webchats/42/messages`
}
