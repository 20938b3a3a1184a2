// What a server process has cost: from /proc, and from nginx's log.

import { readFileSync } from "node:fs"

import { cpuTime } from "../lab/usage.ts"

/** Milliseconds of processor time, and MiB that it holds. */
export type Load = { cpu: number; memory: number }

export function loadOf(pid: number): Load {
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return { cpu: cpuTime(pid), memory: Number(resident?.[1]) / 1_024 }
}

/** Requests for messages that were answered: how many, and how large their bodies were together, in bytes. */
export type Asked = { requests: number; bytes: number }

export function askedSoFar(accessLog: string): Asked {
  const lines = readFileSync(accessLog, "utf8").split("\n")
  const asked = lines.filter(line => /^200 .* GET \/webchats\/\d+\/messages\?/.test(line))
  return { requests: asked.length, bytes: asked.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0) }
}

export function since(now: Asked, before: Asked): Asked {
  return { requests: now.requests - before.requests, bytes: now.bytes - before.bytes }
}
