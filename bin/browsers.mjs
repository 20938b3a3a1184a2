// The real browsers that the tests drive. `node bin/browsers.mjs` says which there are, and installs what is missing where
// that is possible without asking anybody: as root on a machine with apt-get.

import { canInstall, inPath, install, isExecutable } from "./debian.mjs"

/** Names as distributions spell them, and the variable that overrides the search. */
const BROWSERS = {
  chromium: {
    variable: "TRUNKLINE_CHROMIUM",
    names: ["chromium", "chromium-browser", "google-chrome"],
    apt: "chromium",
  },
  firefox: { variable: "TRUNKLINE_FIREFOX", names: ["firefox-esr", "firefox"], apt: "firefox-esr" },
}

/** @returns {{ chromium: string | null, firefox: string | null }} absolute paths, or what the variables say */
export function findBrowsers(env = process.env) {
  const find = ({ variable, names }) => env[variable] || (names.map(name => inPath(name, env)).find(Boolean) ?? null)
  return { chromium: find(BROWSERS.chromium), firefox: find(BROWSERS.firefox) }
}

/**
 * Finds both, installing first if need be.
 *
 * @returns {{ TRUNKLINE_CHROMIUM: string, TRUNKLINE_FIREFOX: string }} environment for whoever drives them
 * @throws with a sentence that says what to install
 */
export function requireBrowsers() {
  for (const { variable } of Object.values(BROWSERS)) {
    const path = process.env[variable]
    if (path && !isExecutable(path)) throw new Error(`${variable}=${path} is no executable file: correct or unset it.`)
  }
  if (missing().length > 0 && canInstall()) install(missing().map(name => BROWSERS[name].apt))
  const lacking = missing()
  if (lacking.length > 0) {
    throw new Error(
      `The browser tests need ${lacking.join(" and ")}: install ${lacking.length > 1 ? "them" : "it"} ` +
        `(Debian: apt-get install ${lacking.map(name => BROWSERS[name].apt).join(" ")}), or set ` +
        `${lacking.map(name => BROWSERS[name].variable).join(" and ")} to the executable's path.`,
    )
  }
  const { chromium, firefox } = findBrowsers()
  return { TRUNKLINE_CHROMIUM: chromium, TRUNKLINE_FIREFOX: firefox }
}

function missing() {
  const found = findBrowsers()
  return Object.keys(BROWSERS).filter(name => !isExecutable(found[name]))
}

if (import.meta.main) {
  try {
    for (const [variable, path] of Object.entries(requireBrowsers())) console.log(`${variable}=${path}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
