// vitest's global setup for tests of the built package: what they test is what the sources say now, and who drives a
// browser finds it in TRUNKLINE_CHROMIUM, TRUNKLINE_FIREFOX and TRUNKLINE_WEBKIT, who starts servers in TRUNKLINE_RAILS_PATH.

import { requireBrowsers } from "./browsers.mjs"
import { build } from "./build.mjs"
import { requireRails } from "./rails.mjs"
import { requireWebKit } from "./webkit.mjs"

export async function setup(project) {
  // bin/check.mjs has just built.
  if (process.env.TRUNKLINE_BUILT !== "1") await build()
  if (project.name === "webkit") Object.assign(process.env, requireWebKit())
  else if (project.name !== "package") Object.assign(process.env, requireBrowsers())
  if (project.name === "rails") Object.assign(process.env, requireRails())
}
