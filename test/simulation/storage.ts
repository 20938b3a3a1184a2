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
  /** Rows of epochs up to this one are refused. */
  forgotten = 0
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

  /** @returns the row that is in the way: written by a hub that the writer knows nothing of */
  put(key: string, row: Row, over: Row | null): Row | null {
    const stored = this.rows.get(key)
    if (stored && (stored.epoch !== over?.epoch || stored.n !== over.n)) return stored
    if (row.epoch <= this.forgotten) return null
    this.rows.set(key, row)
    this.#written(key, row, stored)
    return null
  }

  bury(epoch: number): void {
    this.forgotten = this.epoch = Math.max(epoch, this.epoch, this.forgotten)
    this.rows.clear()
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

type Unsaved = { row: Row; over: Row | null }

export class Store {
  readonly #unsaved = new Map<string, Unsaved>()
  readonly #writing = new Set<string>()
  #forgotten = 0
  readonly #storage: Storage
  readonly #world: World

  constructor(storage: Storage, world: World) {
    this.#storage = storage
    this.#world = world
  }

  load(key: string, done: (row: Row | null | "failed") => void): void {
    const unsaved = this.#unsaved.get(key)
    if (unsaved) return void this.#world.after(0, () => done(unsaved.row))
    const { ms, failed } = this.#storage.answer()
    this.#world.after(ms, () => done(failed ? "failed" : (this.#storage.rows.get(key) ?? null)))
  }

  /** A write that is under way when its hub dies may or may not be made: both happen. */
  save(key: string, row: Row, over: Row | null, refused: (row: Row) => void): void {
    this.#unsaved.set(key, { row, over: this.#unsaved.get(key)?.over ?? over })
    if (!this.#writing.has(key)) this.#write(key, refused)
  }

  /** What is saved meanwhile goes the same way, so that each write knows what it replaces. */
  #write(key: string, refused: (row: Row) => void): void {
    const next = this.#unsaved.get(key)
    if (!next) return
    this.#writing.add(key)
    const { ms, failed } = this.#storage.answer()
    this.#world.after(ms, () => {
      this.#writing.delete(key)
      if (failed) return
      const inTheWay = this.#storage.put(key, next.row, next.over)
      const newer = this.#unsaved.get(key)
      if (inTheWay || newer === next) this.#unsaved.delete(key)
      else if (newer) this.#unsaved.set(key, { row: newer.row, over: next.row })
      if (inTheWay) refused(inTheWay)
      else this.#write(key, refused)
    })
  }

  nextEpoch(least: number, done: (taken: { epoch: number; forgotten: number }) => void): void {
    const { ms, failed } = this.#storage.answer()
    this.#world.after(ms, () => {
      if (!failed) {
        this.#forgotten = Math.max(this.#forgotten, this.#storage.forgotten)
        this.#storage.epoch = Math.max(least, this.#storage.epoch + 1)
      }
      const epoch = Math.max(failed ? least : this.#storage.epoch, this.#forgotten + 1)
      done({ epoch, forgotten: this.#forgotten })
    })
  }

  /** The rows go, and those of this epoch come no more; as soon as the database answers. */
  forget(least: number, done: (epoch: number) => void): void {
    this.#unsaved.clear()
    this.#forgotten = Math.max(this.#forgotten, least)
    const { ms, failed } = this.#storage.answer()
    const buried = () => {
      this.#storage.bury(this.#forgotten)
      this.#forgotten = this.#storage.forgotten
    }
    if (failed) this.#world.after(this.#storage.until - this.#world.now, buried)
    this.#world.after(ms, () => {
      if (!failed) buried()
      done(this.#forgotten)
    })
  }
}
