// `node bin/bootstrap.mjs <npm-script>`: installs what package-lock.json pins, if that has not happened yet, and runs the
// script. Needs nothing but Node 20.19 and npm: npm puts node_modules/.bin first, so the script gets the pinned Node.

import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { constants } from "node:os"

const root = new URL("../", import.meta.url)
const PINNED_NODE = "node_modules/.bin/node"

/** Signals that ask for an end. The child leads a process group, so that the shell between npm and the script gets them too. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"]

/** The npm that started this passes a signal to its shell alone, and the shell dies of it without a word to anybody. */
const ORPHAN_CHECK_MS = 500

const script = process.argv[2]
if (!script) stop("usage: node bin/bootstrap.mjs <npm-script>")
else if (await ready()) process.exitCode = await npm(["run", script, ...process.argv.slice(3)])

async function ready() {
  if (isInstalled()) return true
  console.log("Installing what package-lock.json pins (npm ci) …")
  // NODE_ENV=production and --ignore-scripts would leave out what checks and the demo need.
  const status = await npm(["ci", "--include=dev", "--ignore-scripts=false", "--no-audit", "--no-fund"])
  if (status !== 0) {
    return stop(
      `npm ci failed with status ${status}: its output above says why. It needs a npm registry (npm config get registry: ` +
        "is it reachable?) and a writable project folder. Then run this again.",
    )
  }
  if (isInstalled()) return true
  return stop(
    "npm ci finished, yet node_modules is not what package-lock.json says, or lacks the pinned Node (package `node`, which " +
      "unpacks itself in an install script). Delete node_modules and run this again; if that does not help, run `npm ci` and read on.",
  )
}

/** npm writes node_modules/.package-lock.json last: every package that the lock file wants must be in it, and no other version. */
function isInstalled() {
  if (!existsSync(new URL(PINNED_NODE, root))) return false
  const installed = packages("node_modules/.package-lock.json")
  return Object.entries(packages("package-lock.json")).every(([path, wanted]) => {
    const found = installed[path]
    if (path === "" || (!found && wanted.optional)) return true // the project itself; another platform's binaries
    return found?.version === wanted.version && found?.integrity === wanted.integrity
  })
}

function packages(lockFile) {
  try {
    return JSON.parse(readFileSync(new URL(lockFile, root), "utf8")).packages
  } catch {
    return {}
  }
}

/** @returns the exit status, as a shell would say it */
function npm(args) {
  return new Promise(resolve => {
    const windows = process.platform === "win32" // there, npm is a batch file, and there are no process groups
    const child = spawn("npm", args, { cwd: root, stdio: "inherit", detached: !windows, shell: windows })
    const pass = signal => {
      try {
        if (windows || child.pid === undefined) child.kill(signal)
        else process.kill(-child.pid, signal)
      } catch {
        // gone already
      }
    }
    for (const signal of ENDINGS) process.on(signal, pass)
    const parent = process.ppid
    const orphaned = setInterval(() => process.ppid === parent || pass("SIGTERM"), ORPHAN_CHECK_MS)
    const end = status => {
      clearInterval(orphaned)
      for (const signal of ENDINGS) process.off(signal, pass)
      resolve(status)
    }
    child.on("error", error => end(stop(`npm could not be started: ${error.message}`) || 127))
    child.on("exit", (code, signal) => end(code ?? 128 + constants.signals[signal]))
  })
}

function stop(message) {
  console.error(`\nbootstrap: ${message}`)
  process.exitCode = 1
  return false
}
