// The cursor store that all hubs of a browser share, with the rule of rows, and how it fails: worker/cursor-store.ts as a
// model. What a hub cannot store it remembers, and loses when it dies.

import type { Row } from "../../worker/core/event.ts"
import type { World } from "./world.ts"

/** `failing`: every answer is an error. `silent`: no answer ever comes, and the store gives up waiting. */
export type StorageTrouble = "failing" | "silent" | "slow"

const GIVE_UP_AFTER_MS = 2_000

export class Storage {
  readonly rows = new Map<string, Row>()
  epoch = 0
  trouble: StorageTrouble | null = null
  until = 0
  /** When the last transaction so far ends: they wait for each other. */
  #busyUntil = 0
  readonly #world: World
  /** Told of each write that the database made. */
  readonly #written: (key: string, row: Row, before: Row | undefined) => void

  constructor(world: World, written: (key: string, row: Row, before: Row | undefined) => void) {
    this.#world = world
    this.#written = written
  }

  fail(trouble: StorageTrouble, ms: number): void {
    this.trouble = trouble
    this.until = this.#world.now + ms
  }

  heal(): void {
    this.trouble = null
  }

  /** The browser evicts everything. */
  evict(): void {
    this.rows.clear()
  }

  /** One hub's way in. */
  open(): Store {
    return new Store(this, this.#world)
  }

  put(key: string, row: Row): void {
    const stored = this.rows.get(key)
    if (!isNewer(row, stored)) return
    this.rows.set(key, row)
    this.#written(key, row, stored)
  }

  /** When an answer comes, and whether it is one. */
  answer(): { ms: number; failed: boolean } {
    const { ms, failed } = this.#next()
    this.#busyUntil = Math.max(this.#busyUntil, this.#world.now + ms)
    return { ms: this.#busyUntil - this.#world.now, failed }
  }

  #next(): { ms: number; failed: boolean } {
    const world = this.#world
    const trouble = world.now < this.until ? this.trouble : null
    switch (trouble) {
      case "failing":
        return { ms: 2, failed: true }
      case "silent":
        return { ms: GIVE_UP_AFTER_MS, failed: true }
      case "slow":
        return { ms: world.between(50, 900), failed: false }
      case null:
        return { ms: world.between(0, 4), failed: false }
    }
  }
}

export class Store {
  readonly #memory = new Map<string, Row>()
  readonly #storage: Storage
  readonly #world: World

  constructor(storage: Storage, world: World) {
    this.#storage = storage
    this.#world = world
  }

  load(key: string, done: (row: Row | null | "failed") => void): void {
    const { ms, failed } = this.#storage.answer()
    this.#world.after(ms, () => {
      const own = this.#memory.get(key)
      const stored = failed ? undefined : this.#storage.rows.get(key)
      done((isNewer(stored, own) ? stored : own) ?? (failed ? "failed" : null))
    })
  }

  /** A write that is under way when its hub dies may or may not be made: both happen. */
  save(key: string, row: Row): void {
    const { ms, failed } = this.#storage.answer()
    this.#memory.set(key, row)
    if (!failed) this.#world.after(ms, () => this.#storage.put(key, row))
  }

  nextEpoch(least: number, done: (epoch: number) => void): void {
    const { ms, failed } = this.#storage.answer()
    this.#world.after(ms, () => {
      const epoch = failed ? least : Math.max(least, this.#storage.epoch + 1)
      if (!failed) this.#storage.epoch = epoch
      done(epoch)
    })
  }
}

function isNewer(row: Row | undefined, other: Row | undefined): boolean {
  if (!row || !other) return row !== undefined
  return row.epoch > other.epoch || (row.epoch === other.epoch && row.n > other.n)
}
