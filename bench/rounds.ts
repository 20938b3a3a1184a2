// Runs in turns (A B A B), each round in a fresh browser: whatever the machine does meanwhile happens to all of them. Each
// round begins with another one, because the first in a fresh browser pays for what the others find done.

import { launch, type Browser, type Engine } from "./lab/browser.ts"
import type { Results } from "./results.ts"

export async function inTurns<Of>(
  engine: Engine,
  rounds: number,
  contestants: readonly Of[],
  results: Results,
  run: (contestant: Of, browser: Browser) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await using browser = await launch(engine)
    results.browser(await browser.version())
    const first = round % contestants.length
    const rotated = [...contestants.slice(first), ...contestants.slice(0, first)]
    for (const contestant of rotated) await run(contestant, browser)
  }
  results.onComplete()
}
