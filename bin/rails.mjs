// The real servers that `npm run test:rails` starts: Rails under Puma, PostgreSQL, Redis, nginx. `node bin/rails.mjs` installs
// what is missing, as bin/browsers.mjs does, and says where it is; `node bin/rails.mjs <script> …` then runs a script.

import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { dirname } from "node:path"

import { requireBrowsers } from "./browsers.mjs"
import { canInstall, inPath, install } from "./debian.mjs"

/** What Ruby has to find without Bundler; Rails itself in whatever version. */
const LIBRARIES = {
  rails: "ruby-railties",
  "active_record/railtie": "ruby-activerecord",
  "action_cable/engine": "ruby-actioncable",
  pg: "ruby-pg",
  redis: "ruby-redis",
}
const PROGRAMS = {
  ruby: "ruby",
  puma: "puma",
  "redis-server": "redis-server",
  nginx: "nginx-light",
  initdb: "postgresql",
  psql: "postgresql-client",
}

/**
 * Finds all, installing first if need be.
 *
 * @returns {{ TRUNKLINE_RAILS_PATH: string }} environment for whoever starts them: the folders where they are
 * @throws with a sentence that says what to install
 */
export function requireRails() {
  if (missing().length > 0 && canInstall()) install(missing())
  const lacking = missing()
  if (lacking.length > 0) {
    throw new Error(`The tests against Rails need what Debian calls ${lacking.join(", ")}: apt-get install them.`)
  }
  const folders = Object.keys(PROGRAMS).map(name => dirname(find(name)))
  return { TRUNKLINE_RAILS_PATH: [...new Set(folders)].join(":") }
}

/** Names of packages. */
function missing() {
  const programs = Object.keys(PROGRAMS).filter(name => !find(name))
  const libraries = Object.keys(LIBRARIES).filter(name => !hasLibrary(name))
  return [...new Set([...programs.map(name => PROGRAMS[name]), ...libraries.map(name => LIBRARIES[name])])]
}

/** Debian keeps servers out of users' paths, and PostgreSQL's out of everybody's. */
function find(name) {
  const folders = ["/usr/sbin", ...globSync("/usr/lib/postgresql/*/bin")]
  return inPath(name) ?? inPath(name, { PATH: folders.join(":") })
}

function hasLibrary(name) {
  return spawnSync("ruby", ["-e", `require ${JSON.stringify(name)}`], { stdio: "ignore" }).status === 0
}

if (import.meta.main) {
  try {
    const [script, ...args] = process.argv.slice(2)
    const found = script ? { ...requireRails(), ...requireBrowsers() } : requireRails()
    if (script) {
      const env = { ...process.env, ...found }
      process.exitCode = spawnSync(process.execPath, [script, ...args], { stdio: "inherit", env }).status ?? 1
    } else console.log(`TRUNKLINE_RAILS_PATH=${found.TRUNKLINE_RAILS_PATH}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
