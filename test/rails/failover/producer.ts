// Somebody who writes messages through the site's front door, and repeats each one until the server has said that it is
// there: after a 502 nobody knows.

import { setTimeout as wait } from "node:timers/promises"

import { post } from "../lab/cluster.ts"

const AGAIN_MS = 100
/** One in so many transactions is slow, so that a row becomes visible after later ones; the others take as long as they take. */
const SLOW_ONE_IN = 10
const SLOW_MS = 500

export class Producer {
  #keys = 0
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  /** @param every milliseconds between an answer and the next message */
  constructor(name: string, url: string, conversation: string, every: number) {
    this.#done = this.#produce(name, url, conversation, every)
  }

  /** Resolves once the last message is there. */
  stop(): Promise<void> {
    this.#stop.abort()
    return this.#done
  }

  async #produce(name: string, url: string, conversation: string, every: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#keys += 1
      const message = {
        session: "s1",
        conversation,
        author: "agent",
        body: duration(),
        client_key: `${name}-${this.#keys}`,
      }
      while (!(await post(url, message).catch(() => null))) await wait(AGAIN_MS)
      await wait(every)
    }
  }
}

/** The tests' own Rails application takes a body like this at its word. */
function duration(): string {
  return Math.random() * SLOW_ONE_IN < 1 ? `${Math.ceil(Math.random() * SLOW_MS)} ms` : "hello"
}
