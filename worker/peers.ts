// What the hubs of one identity say to each other, of whatever bridge version and host: that it has logged out, and who is
// to go first when builds of several versions wait for one mutex.

import { BRIDGE_VERSION } from "../shared/bridge.ts"
import type { HubNames } from "../shared/identity.ts"

/** `forgotten`: everything of this epoch and before is over. The others: a hub of this build is active, or waits to be. */
type Word = { type: "forgotten"; epoch: number } | { type: "active" | "waiting"; bridge: number; build: string }
/** Anybody on the origin may say anything. */
type Heard = { type?: unknown; epoch?: unknown; bridge?: unknown; build?: unknown } | null

export interface PeerEvents {
  forgotten(epoch: number): void
  /** This hub is active, and a strictly newer build waits for its mutex. */
  outdated(): void
}

export class Peers {
  /** A page on its own has no part in the queue. */
  #role: "none" | "waiting" | "active" = "none"
  readonly #build: string
  readonly #channel: BroadcastChannel

  constructor({ peers }: HubNames, build: string, events: PeerEvents) {
    this.#build = build
    this.#channel = new BroadcastChannel(peers)
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Heard>) => {
      if (data?.type === "forgotten" && Number.isSafeInteger(data.epoch)) events.forgotten(Number(data.epoch))
      if (data?.bridge !== BRIDGE_VERSION) return
      const other = String(data.build)
      if (data.type === "waiting" && this.#role === "active" && isNewer(other, build)) events.outdated()
      if (data.type === "active" && this.#role === "waiting" && isNewer(build, other)) this.say("waiting")
    })
  }

  /** This hub queues for the mutex, or has it. */
  say(role: "waiting" | "active"): void {
    this.#role = role
    this.#post({ type: role, bridge: BRIDGE_VERSION, build: this.#build })
  }

  forgotten(epoch: number): void {
    this.#post({ type: "forgotten", epoch })
  }

  close(): void {
    this.#channel.close()
  }

  #post(word: Word): void {
    this.#channel.postMessage(word)
  }
}

/** By version alone: two builds of one version would displace each other for ever. */
export function isNewer(build: string, other: string): boolean {
  const [mine, theirs] = [numbers(build), numbers(other)]
  const first = mine.findIndex((number, i) => number !== theirs[i])
  return first >= 0 && (mine[first] ?? NaN) > (theirs[first] ?? NaN)
}

/** `1.10.0-rc.1+ab12` is 1, 10, 0. */
function numbers(build: string): number[] {
  return build.split(/[-+]/, 1).join().split(".").map(Number)
}
