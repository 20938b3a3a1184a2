// WebKitGTK, its WebDriver and a display for it. `node bin/webkit.mjs` installs what is missing, as bin/browsers.mjs does,
// and says where the browser is.

import { globSync } from "node:fs"

import { canInstall, inPath, install, isExecutable } from "./debian.mjs"

/** The driver's package brings the browser. */
const PROGRAMS = { WebKitWebDriver: "webkit2gtk-driver", Xvfb: "xvfb" }

/**
 * Finds all, installing first if need be.
 *
 * @returns {{ TRUNKLINE_WEBKIT: string }} environment for whoever drives it: the MiniBrowser's path
 * @throws with a sentence that says what to install
 */
export function requireWebKit() {
  if (missing().length > 0 && canInstall()) install(missing())
  const lacking = missing()
  if (lacking.length > 0) {
    throw new Error(`The tests in WebKit need what Debian calls ${lacking.join(" and ")}: apt-get install them.`)
  }
  return { TRUNKLINE_WEBKIT: miniBrowser() }
}

/** Names of packages. */
function missing() {
  const names = Object.keys(PROGRAMS).filter(name => !inPath(name) || (name === "WebKitWebDriver" && !miniBrowser()))
  return names.map(name => PROGRAMS[name])
}

/** Debian keeps it where its libraries are. */
function miniBrowser() {
  return globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser").find(isExecutable)
}

if (import.meta.main) {
  try {
    console.log(`TRUNKLINE_WEBKIT=${requireWebKit().TRUNKLINE_WEBKIT}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
