// What happens in one world: its kind, and a list of things done to it, one after the other. Data, so that a failing one
// can be written down, and made smaller.

import * as fc from "fast-check"

/** Faults: what no promise may be broken by. */
export const FAULTS = [
  "cut",
  "stall",
  "half-open",
  "refuse",
  "kick",
  "kick-for-good",
  "crash-node",
  "unauthorized",
  "broker-late",
  "broker-lost",
  "unanswered",
  "reject",
  "reorder",
  "http-500",
  "http-429",
  "http-timeout",
  "http-garbage",
  "http-401",
  "http-422",
  "http-slow",
  "retention",
  "storage-failing",
  "storage-silent",
  "storage-slow",
  "evict",
  "kill-hub",
  "blow-fuse",
  "split-hub",
  "steal-mutex",
  "sleep",
  "wall-clock",
  "freeze",
  "park",
  "crash-tab",
  "slow-tab",
  "throw",
  "garble",
] as const

/** What people and applications do. */
export const DEEDS = [
  "publish",
  "burst",
  "flood",
  "forget",
  "type",
  "open",
  "reload",
  "close",
  "duplicate",
  "subscribe",
  "unsubscribe",
  "leave-in-callback",
  "churn",
  "hide",
  "show",
  "thaw",
  "disconnect",
  "connect",
  "reopen",
  "reattach",
  "perform",
] as const

export type Fault = (typeof FAULTS)[number]
export type Deed = (typeof DEEDS)[number]

/** Moments that an action may wait for: when the hub is about to do this. */
export const MOMENTS = ["dial", "send", "deliver", "fetch", "save", "load"] as const
export type Moment = (typeof MOMENTS)[number]

/** `wait` milliseconds, then until the moment, but not for long; then it is done. `a` and `b` say to whom and how. */
export type Action = { wait: number; at: Moment | null; do: Fault | Deed; a: number; b: number }

export type Setup = {
  seed: number
  ids: "integer" | "uuid"
  times: boolean
  overlap: number
  hasMore: boolean
  cursor: boolean
  strict: boolean
  /** What is ephemeral looks like a message but for its type. */
  only: boolean
  latency: number
  topics: number
  /** Where subscriptions start: where a page ends; at the cursor, or now; or some here, some there. */
  starts: "page" | "elsewhere" | "mixed"
  tabs: number
  limit: number
  settleFor: number
  reconcileEvery: number
  holdFor: number
  reorderFor: number
  clockSleeps: boolean
  credentials: boolean
  /** Milliseconds between two messages that are sent whatever happens; 0 for none. */
  traffic: number
  /** Per cent of messages that are never broadcast, and that commit late. */
  lost: number
  late: number
}

export type Schedule = { setup: Setup; actions: readonly Action[] }

const setup: fc.Arbitrary<Setup> = fc.record({
  seed: fc.nat(),
  ids: fc.constantFrom("integer", "integer", "uuid"),
  times: fc.constantFrom(true, true, true, false),
  overlap: fc.constantFrom(0, 0, 2_000),
  hasMore: fc.boolean(),
  cursor: fc.constantFrom(true, true, false),
  strict: fc.boolean(),
  only: fc.boolean(),
  latency: fc.constantFrom(1, 10, 30, 80),
  starts: fc.constantFrom("page", "page", "elsewhere", "mixed"),
  topics: fc.constantFrom(1, 1, 2, 3),
  tabs: fc.constantFrom(1, 2, 2, 3, 4),
  limit: fc.constantFrom(200, 10, 3),
  settleFor: fc.constantFrom(5_000, 1_000),
  reconcileEvery: fc.constantFrom(10_000, 30_000),
  holdFor: fc.constantFrom(10_000, 1_500),
  reorderFor: fc.constantFrom(0, 0, 0, 60),
  clockSleeps: fc.boolean(),
  credentials: fc.boolean(),
  traffic: fc.constantFrom(0, 200, 200, 70, 900),
  lost: fc.constantFrom(0, 3, 20),
  late: fc.constantFrom(0, 5, 20),
})

const number = fc.nat({ max: 999 })

function actions(kinds: fc.Arbitrary<Action["do"]>): fc.Arbitrary<Action[]> {
  const action: fc.Arbitrary<Action> = fc.record({
    wait: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 60 }) }, { weight: 2, arbitrary: fc.nat({ max: 2_500 }) }),
    at: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 3, arbitrary: fc.constantFrom(...MOMENTS) }),
    do: kinds,
    a: number,
    b: number,
  })
  return fc.array(action, { minLength: 8, maxLength: 28, size: "max" })
}

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  setup,
  actions: actions(
    fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...FAULTS) }, { weight: 1, arbitrary: fc.constantFrom(...DEEDS) }),
  ),
})

/**
 * Schedules that have a few kinds of actions only, and most settings in common: what meets once in a million of the others
 * meets often in some of these (swarm testing: Groce et al., ISSTA 2012).
 *
 * @param seed of what they have in common
 */
export function swarm(seed: number): fc.Arbitrary<Schedule> {
  const some = fc.record({ common: setup, kinds: fc.subarray([...FAULTS, ...DEEDS], { minLength: 4, maxLength: 9 }) })
  const [{ common, kinds } = { common: {}, kinds: FAULTS }] = fc.sample(some, { seed, numRuns: 1 })
  return fc.record({
    setup: setup.map(own => {
      const { seed, tabs, latency, traffic } = own
      return { ...own, ...common, seed, tabs, latency, traffic }
    }),
    actions: actions(fc.constantFrom(...kinds)),
  })
}

/** The schedules that are always the same: those of seeds 1 to `blocks`, so many of each. */
export const FIXED = { blocks: 40, block: 50 }

export function isFault(kind: Action["do"]): kind is Fault {
  return (FAULTS as readonly string[]).includes(kind)
}
