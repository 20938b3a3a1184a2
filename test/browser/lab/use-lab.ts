// A lab for the tests of one `describe`. A test that fails says what each tab was told and what the server saw.

import { afterAll, afterEach, beforeAll } from "vitest"

import { end, launch, type Preferences, type Running } from "./browser.ts"
import { Lab } from "./lab.ts"
import type { Place } from "./place.ts"

/** One of each kind for all of a file's tests, for it takes seconds to start: their origins are strangers to each other. */
const browsers = new Map<string, Promise<Running>>()

afterAll(async () => {
  for (const running of browsers.values()) await end(await running)
})

/** To be called within `describe`. */
export function useLab(place: Place, preferences?: Preferences): Lab {
  const lab = new Lab(place)
  beforeAll(async () => {
    const kind = JSON.stringify([place.engine, preferences])
    const running = browsers.get(kind) ?? launch(place.engine, preferences)
    browsers.set(kind, running)
    lab.begin(await running)
  })
  afterAll(() => lab.end())
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await lab.describe())
    await lab.clean()
  })
  return lab
}
