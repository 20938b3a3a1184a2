// PostgreSQL with a database of its own, on a port of its own. What it stores need not outlive a power cut.

import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"

import { freePort } from "./ports.ts"
import { Service } from "./service.ts"

const ACCOUNT = "postgres"

export async function startPostgres(directory: string): Promise<{ service: Service; url: string }> {
  const data = join(directory, "postgres")
  const user = process.getuid?.() === 0 ? ACCOUNT : undefined
  const port = await freePort()
  mkdirSync(data)
  if (user) perform("chown", [user, data])
  perform("initdb", ["-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync"], user)
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    max_connections: 200,
  }
  const service = await Service.start({
    command: "postgres",
    args: ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    ...(user ? { user } : {}),
    ready: /database system is ready to accept connections/,
  })
  return { service, url: `postgresql://${ACCOUNT}@127.0.0.1:${port}/postgres` }
}

function perform(command: string, args: readonly string[], user?: string): void {
  const account = user ? [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"] : []
  const { status, stderr } = spawnSync("setpriv", [...account, command, ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: process.env["TRUNKLINE_RAILS_PATH"] },
  })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
}
