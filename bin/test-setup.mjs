// vitest's global setup for tests of the built package: what they test is what the sources say now, and who drives a
// browser finds it in TRUNKLINE_CHROMIUM and TRUNKLINE_FIREFOX.

import { requireBrowsers } from "./browsers.mjs"
import { build } from "./build.mjs"

export function setup(project) {
  // bin/check.mjs has just built.
  if (process.env.TRUNKLINE_BUILT !== "1") build()
  if (project.name !== "package") Object.assign(process.env, requireBrowsers())
}
