// A lab for the tests of one `describe`. A test that fails says what each tab was told and what the server saw.

import { afterAll, afterEach, beforeAll } from "vitest"

import { end, launch, type Engine, type Running } from "./browser.ts"
import { Lab } from "./lab.ts"
import type { Place } from "./place.ts"

/** Of each engine one for all of a file's tests, which takes seconds to start: their origins are strangers to each other. */
const browsers = new Map<Engine, Promise<Running>>()

afterAll(async () => {
  for (const running of browsers.values()) await end(await running)
})

/** To be called within `describe`. */
export function useLab(place: Place): Lab {
  const lab = new Lab(place)
  beforeAll(async () => {
    const running = browsers.get(place.engine) ?? launch(place.engine)
    browsers.set(place.engine, running)
    lab.begin(await running)
  })
  afterAll(() => lab.end())
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await lab.describe())
    await lab.clean()
  })
  return lab
}
