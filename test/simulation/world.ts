// One virtual clock and one source of chance for a whole world: what happens, happens here, in order, and happens again
// for the same seed. Nothing in the simulated world waits for anything else: no promises, no timers.

/** More than this is a storm, not a life: to read two floods from ten places in pages of three takes a quarter. */
const MOST_EVENTS = 400_000

export type Random = () => number

/** mulberry32 (Tommy Ettinger, public domain). */
export function randomOf(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Something that will happen. `run` becomes `null` when it is called off. */
export type Task = { at: number; order: number; run: (() => void) | null }

export class World {
  /** Milliseconds since the world began. */
  now = 0
  /** How many things have happened. */
  events = 0
  readonly random: Random
  #order = 0
  readonly #heap: Task[] = []

  constructor(seed: number) {
    this.random = randomOf(seed)
  }

  /** Whole milliseconds from `least` up to, not including, `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least))
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random() * items.length)]
  }

  after(ms: number, run: () => void): Task {
    this.#order += 1
    const task: Task = { at: this.now + Math.max(0, ms), order: this.#order, run }
    this.#push(task)
    return task
  }

  /** Lets everything happen that is due until then. */
  run(until: number): void {
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      this.#pop()
      if (!next.run) continue
      this.now = next.at
      this.events += 1
      if (this.events > MOST_EVENTS) throw new Error("a storm of events")
      next.run()
    }
    this.now = Math.max(this.now, until)
  }

  #push(task: Task): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(task)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (!above || isSooner(above, task)) break
      heap[index] = above
      index = parent
    }
    heap[index] = task
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const a = heap[left]
      if (!a) break
      const b = heap[left + 1]
      const isRight = b !== undefined && isSooner(b, a)
      const child = isRight ? b : a
      if (isSooner(last, child)) break
      heap[index] = child
      index = isRight ? left + 1 : left
    }
    heap[index] = last
  }
}

function isSooner(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
