// The promise that sells: kill the hub as often as you like, and every tab has every message once.

import { describe, expect, it } from "vitest"

import { describeTimes } from "../../bench/spread.ts"
import { killHubs } from "./lab/kills.ts"
import { PLACES } from "./lab/place.ts"
import { useLab } from "./lab/use-lab.ts"

const KILLS = Number(process.env["TRUNKLINE_KILLS"] ?? 10)
/** With a new tab for each. */
const MS_PER_KILL = 15_000

describe.each(PLACES)("four tabs in %s", (where, place) => {
  const lab = useLab(place)

  it(
    `have every message once, though their hub is killed ${KILLS} times`,
    { timeout: KILLS * MS_PER_KILL },
    async () => {
      const recoveries = await killHubs(lab, KILLS)
      console.log(`${where}, ${KILLS} kills: ${describeTimes(recoveries)} ms`)
      expect(recoveries.length).toBeGreaterThan(KILLS)
    },
  )
})
