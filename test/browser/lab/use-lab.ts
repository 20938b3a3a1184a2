// A lab for the tests of one `describe`. A test that fails says what each tab was told and what the server saw.

import { afterAll, afterEach, beforeAll } from "vitest"

import { end, launch, type Engine, type Preferences, type Running } from "./browser.ts"
import { Lab } from "./lab.ts"
import type { Place } from "./place.ts"

/** One of each kind for all of a file's tests, for it takes seconds to start: their origins are strangers to each other. */
const browsers = new Map<string, Running>()

afterAll(async () => {
  for (const running of browsers.values()) await end(running)
})

/** To be called within `describe`. */
export function useLab(place: Place, preferences?: Preferences): Lab {
  const lab = new Lab(place)
  beforeAll(async () => lab.begin(await browserFor(place.engine, preferences)))
  afterAll(() => lab.end())
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await lab.describe())
    await lab.clean()
  })
  return lab
}

async function browserFor(engine: Engine, preferences?: Preferences): Promise<Running> {
  const kind = JSON.stringify([engine, preferences])
  const known = browsers.get(kind)
  if (known?.browser.connected) return known
  if (known) await end(known)
  const running = await launch(engine, preferences)
  browsers.set(kind, running)
  return running
}
