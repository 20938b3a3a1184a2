// What tests need of the system: found in PATH, or installed where that is possible without asking anybody, which is as
// root on a machine with apt-get.

import { spawnSync } from "node:child_process"
import { accessSync, constants, statSync } from "node:fs"
import { delimiter, join } from "node:path"

/** @returns the absolute path of an executable, or undefined */
export function inPath(name, env = process.env) {
  const folders = (env.PATH ?? "").split(delimiter).filter(folder => folder !== "")
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

export function canInstall() {
  return process.getuid?.() === 0 && inPath("apt-get") !== undefined
}

/** Whether it went well is for the caller to see: by looking again. */
export function install(packages) {
  console.log(`Installing ${packages.join(", ")} (apt-get) …`)
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env })
  }
}
