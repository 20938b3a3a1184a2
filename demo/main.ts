// `npm start`: the demo on http://localhost:3000, or the next free port, or PORT.

import { mkdirSync } from "node:fs"

import { seed } from "./seed.ts"
import { openDatabase } from "./server/database.ts"
import { Messages } from "./server/messages.ts"
import { freePort, Supervisor } from "./supervisor.ts"

const DEFAULT_PORT = 3_000
const here = import.meta.dirname
const path = `${here}/data/chat.sqlite`

mkdirSync(`${here}/data`, { recursive: true })
const database = openDatabase(path)
seed(new Messages(database))
database.close()

const supervisor = new Supervisor(["--database", path, "--static", `${here}/dist`])
const wanted = process.env["PORT"]
const port = await supervisor.start(wanted === undefined ? await freePort(DEFAULT_PORT) : Number(wanted))
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void supervisor.stop().then(() => process.exit(0)))
}
console.log(`
  Trunkline's demo chat is running:

    the visitor   http://localhost:${port}/
    the agent     http://localhost:${port}/agent

  Open either in as many tabs as you like. Ctrl+C ends it.
`)
