// PostgreSQL with a database of its own, on a port of its own. What it stores need not outlive a power cut.

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { join } from "node:path"

import { Producer } from "../../browser/lab/producer.ts"
import { freePort } from "./ports.ts"
import { Service } from "./service.ts"

const ACCOUNT = "postgres"

/** Action Cable gives its own connections names. */
const CUT_LISTENERS =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ActionCable%'"

export class Postgres {
  readonly service: Service
  readonly url: string

  private constructor(service: Service, url: string) {
    this.service = service
    this.url = url
  }

  static async start(directory: string): Promise<Postgres> {
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
    return new Postgres(service, `postgresql://${ACCOUNT}@127.0.0.1:${port}/postgres`)
  }

  /** Behind the application's back: rows that nobody is told of, whatever becomes of the application. */
  produce({ conversation, count, every }: { conversation: string; count: number; every: number }): Producer {
    const row = `INSERT INTO messages (conversation, author, body, created_at)
      VALUES ('${conversation}', 'agent', 'hello', now() AT TIME ZONE 'UTC') RETURNING json_build_object('id', id);`
    const pause = `DO $$ BEGIN PERFORM pg_sleep(${every / 1_000}); END $$;`
    return new Producer(this.#psql(`${row}\n${pause}\n`.repeat(count)).stdout)
  }

  /** By somebody who does not listen himself. */
  async cutListeners(): Promise<void> {
    const [status] = (await once(this.#psql(CUT_LISTENERS), "exit")) as [number | null]
    if (status !== 0) throw new Error(`psql ended with ${status}`)
  }

  /** Prints rows and nothing else. */
  #psql(script: string): ChildProcessWithoutNullStreams {
    const options = ["--quiet", "--no-align", "--tuples-only", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "psql", ...options, this.url], {
      stdio: "pipe",
      env: { ...process.env, PATH: process.env["TRUNKLINE_RAILS_PATH"] },
    })
    child.stderr.pipe(process.stderr)
    child.stdin.end(script)
    return child
  }
}

function perform(command: string, args: readonly string[], user?: string): void {
  const account = user ? [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"] : []
  const { status, stderr } = spawnSync("setpriv", [...account, command, ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: process.env["TRUNKLINE_RAILS_PATH"] },
  })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
}
