// The short form of `npm run failover`: nodes die while messages flow, and nobody misses or repeats one.

import { describe, expect, it } from "vitest"

import { failOverAgainAndAgain } from "./failover/stage.ts"

const ROUNDS = 2
/** A round takes half a minute; on a machine that does much else, more than one. */
const TIMEOUT_MS = 900_000

describe("while two nodes are killed in turn, again and again", () => {
  it.each(["redis", "postgresql"] as const)(
    "four tabs and twenty hubs miss and repeat nothing on %s",
    async adapter => {
      const outcomes = await failOverAgainAndAgain(adapter, ROUNDS, outcome => console.log(JSON.stringify(outcome)))
      expect(outcomes).toHaveLength(ROUNDS)
      const none = { holes: 0, repeats: 0 }
      for (const { tallies } of outcomes) expect(tallies).toMatchObject({ tabs: none, ours: none })
    },
    TIMEOUT_MS,
  )
})
