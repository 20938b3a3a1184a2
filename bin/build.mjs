// Builds the package into dist/: page code and types by tsc, the self-contained worker by Vite.

import { spawnSync } from "node:child_process"
import { globSync, rmSync } from "node:fs"
import { delimiter, dirname } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))

/** @throws if the compiler or the bundler fails; their output has said why */
export function build() {
  rmSync(`${root}/dist`, { recursive: true, force: true })
  // With sources inside the maps: the package has no others.
  run("tsc", "-p", "tsconfig.build.json", "--inlineSources")
  // Of worker/ only the types are public: its code is in worker.js.
  for (const file of globSync("dist/worker/**/*.{js,js.map}", { cwd: root })) rmSync(`${root}/${file}`)
  run("vite", "build", "--logLevel", "warn")
}

function run(tool, ...args) {
  // The tools start whatever `node` comes first in PATH: let it be this one, also without npm.
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
  const { status, error } = spawnSync(`node_modules/.bin/${tool}`, args, { cwd: root, env, stdio: "inherit" })
  if (status !== 0) throw new Error(`The build failed: ${tool} ${args.join(" ")}${error ? `: ${error.message}` : ""}`)
}

if (import.meta.main) {
  try {
    build()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
