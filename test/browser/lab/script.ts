// The demo's scripts as processes of their own.

import { spawn, type ChildProcessByStdio } from "node:child_process"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"

export type Script = ChildProcessByStdio<null, Readable, null>

/** @param options become `--name value` */
export function runScript(name: string, options: Readonly<Record<string, string | number>>): Script {
  const path = fileURLToPath(new URL(`../../../demo/${name}`, import.meta.url))
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)])
  return spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] })
}
