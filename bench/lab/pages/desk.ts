// The page's line to the server beside whatever is measured.

import type { Order, Word } from "../word.ts"

/** The shortest of so many round trips tells best how far two clocks lie apart. */
const ROUND_TRIPS = 30

export class Desk {
  readonly #socket: WebSocket
  #onClock: (now: number) => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const order = JSON.parse(data) as Order
      if (order.type === "close") close()
      else this.#onClock(order.now)
    }
  }

  static async open(url: string): Promise<Desk> {
    const socket = new WebSocket(url)
    await new Promise(resolve => (socket.onopen = resolve))
    return new Desk(socket)
  }

  say(word: Word): void {
    this.#socket.send(JSON.stringify(word))
  }

  /** @returns by how many milliseconds this page's clock is ahead of the server's */
  async compareClocks(): Promise<number> {
    let [shortest, ahead] = [Infinity, 0]
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const asked = performance.now()
      const theirs = await new Promise<number>(resolve => {
        this.#onClock = resolve
        this.say({ type: "clock" })
      })
      const answered = performance.now()
      if (answered - asked < shortest) {
        shortest = answered - asked
        ahead = (asked + answered) / 2 - theirs
      }
    }
    return ahead
  }
}
