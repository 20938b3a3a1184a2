// What every contestant's page does around the contestant: tells when it began and was connected, counts what it is given,
// closes itself when told to. The same work for all.

import type { Message } from "../message.ts"
import { Desk } from "./desk.ts"
import { Tally } from "./tally.ts"

const query = new URLSearchParams(location.search)
const room = query.get("room") ?? ""

export type Task = {
  /** Names the run, and with it worker, cable and messages. */
  room: string
  cableUrl: string
  /** What `create` takes, one for each stream. */
  channels: readonly { channel: string; room: string; stream: number }[]
  query: URLSearchParams
  /** Where a stream's messages can be had over HTTP. */
  endpoint: (stream: number) => string
}

/** What a contestant has to say, by stream. Being `ready` means that a message that is sent now will be received. */
export type Ears = {
  connected(stream: number): void
  ready(stream: number): void
  received(stream: number, message: Message): void
}

export async function play(begin: (task: Task, ears: Ears) => void): Promise<void> {
  const streams = Number(query.get("streams"))
  const desk = await Desk.open(`${query.get("desk")}/?room=${room}&tab=${query.get("tab")}`)
  const clockAhead = query.has("clock") ? await desk.compareClocks() : 0
  const tally = new Tally(streams, { step: Number(query.get("step")), clockAhead, say: word => desk.say(word) })
  const connected = new Set<number>()
  const ready = new Set<number>()
  let connectedAfter = 0
  const task: Task = {
    room,
    cableUrl: `${location.origin.replace("http", "ws")}/cable?room=${room}`,
    channels: Array.from({ length: streams }, (_, stream) => ({ channel: "BenchChannel", room, stream })),
    query,
    endpoint: stream => `/rooms/${room}/streams/${stream}`,
  }
  const began = performance.now()
  begin(task, {
    connected(stream) {
      connected.add(stream)
      if (connected.size === streams) connectedAfter ||= performance.now() - began
    },
    ready(stream) {
      const wasReady = ready.size === streams
      ready.add(stream)
      if (ready.size === streams && !wasReady) desk.say({ type: "ready", connected: connectedAfter })
    },
    received: (stream, message) => tally.received(stream, message),
  })
}
