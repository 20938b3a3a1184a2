// The Rails application of `test/rails/webchat`, in processes of its own.

import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

import { freePort } from "./ports.ts"
import { Service } from "./service.ts"

const WEBCHAT = fileURLToPath(new URL("../webchat/", import.meta.url))

export type Adapter = "redis" | "postgresql" | "async"

export type RailsOptions = { adapter: Adapter; databaseURL: string; redisURL: string; origin: string }

/** One process that serves HTTP and cable. */
export type RailsNode = { name: string; port: number; service: Service }

export async function startNode(name: string, options: RailsOptions): Promise<RailsNode> {
  const port = await freePort()
  const service = await Service.start({
    command: "puma",
    args: ["-C", "config/puma.rb", "config.ru"],
    cwd: WEBCHAT,
    env: { ...environment(options), PORT: String(port), NODE_NAME: name, FAULTS: "1" },
    ready: /Listening on/,
  })
  return { name, port, service }
}

/** Makes the tables. */
export function prepareDatabase(options: RailsOptions): void {
  const { status, stderr } = spawnSync("ruby", ["db/prepare.rb"], {
    cwd: WEBCHAT,
    env: { ...process.env, PATH: process.env["TRUNKLINE_RAILS_PATH"], ...environment(options) },
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`db/prepare.rb failed: ${stderr}`)
}

function environment({ adapter, databaseURL, redisURL, origin }: RailsOptions): Record<string, string> {
  return {
    DATABASE_URL: `${databaseURL}?pool=30`, // of threads: Puma's, Action Cable's, and those of late commits
    REDIS_URL: redisURL,
    CABLE_ADAPTER: adapter,
    ORIGIN: origin,
    SECRET_KEY_BASE: "only for tests",
    RUBYOPT: "-W0",
  }
}
