// What a measurement needs: the pages built, a server, and tabs of one contestant in one browser.

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "./browser.ts"
import { bundle } from "./bundle.ts"
import { windowOf, type Contestant } from "./contestants.ts"
import { MESSAGE_BYTES } from "./message.ts"
import { Room } from "./room.ts"
import { BenchServer } from "./server.ts"

/** Of a run. `bytes`: the size of a message; `query`: more of the pages' own. */
export type Setting = { tabs: number; streams?: number; bytes?: number; query?: string }

export type Place = { server: BenchServer; browser: Browser }

/** A tab tells its progress so many times per window. */
const STEPS = 4

let rooms = 0

export class Stage implements AsyncDisposable {
  readonly server: BenchServer
  readonly #assets: string

  private constructor(server: BenchServer, assets: string) {
    this.server = server
    this.#assets = assets
  }

  static async build({ minify = true } = {}): Promise<Stage> {
    const assets = await mkdtemp(join(tmpdir(), "trunkline-assets-"))
    await bundle(assets, { minify })
    return new Stage(await BenchServer.start(assets), assets)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.stop()
    await rm(this.#assets, { recursive: true })
  }
}

/** Opens the tabs, waits until each would get a message, and closes them in the end. */
export async function withTabs<T>(
  place: Place,
  contestant: Contestant,
  setting: Setting,
  use: (room: Room) => Promise<T>,
): Promise<T> {
  return withRoom(place, contestant, setting, async (room, open) => {
    for (let tab = 0; tab < setting.tabs; tab++) await open(tab)
    await room.everybodyReady()
    return use(room)
  })
}

/** As `withTabs`, but `use` opens the tabs when it wants them. */
export async function withRoom<T>(
  { server, browser }: Place,
  contestant: Contestant,
  { tabs, streams = 1, bytes = MESSAGE_BYTES, query = "" }: Setting,
  use: (room: Room, open: (tab: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  rooms += 1
  const window = windowOf(contestant, bytes)
  const room = new Room(`room-${rooms}`, { tabs, streams, window, bytes })
  // All tell their progress as often, whoever waits for it: the same work for all.
  const step = Math.floor(Math.min(window, windowOf({ ...contestant, window: 768 }, bytes)) / STEPS)
  const own = new URLSearchParams({ room: room.id, step: String(step), streams: String(streams), desk: server.desk })
  const address = `${server.origin}/pages/${contestant.page}?${own}&${contestant.query}&${query}`
  server.open(room)
  const closers: (() => unknown)[] = []
  try {
    return await use(room, async tab => {
      const close = await browser.open(`${address}&tab=${tab}`)
      closers.push(close ?? (() => room.dismiss(tab)))
    })
  } finally {
    for (const close of closers) await close()
    await room.empty()
    server.close(room)
  }
}
