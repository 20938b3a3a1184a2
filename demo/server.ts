// The embedded server: ActionCable v1, catch-up, and a chat in a SQLite file; like a Rails app, but started in
// milliseconds and told to misbehave at will (demo/server/faults.ts).
//
//   node demo/server.ts --port 0 --database chat.sqlite [--static DIR] [--worker FILE] [--origin URL]…
//
// prints {"port":N} once it listens. On SIGTERM it says nothing and is gone, as Rails is.

import { once } from "node:events"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { parseArgs } from "node:util"

import { createAdaptorServer } from "@hono/node-server"
import { serveStatic } from "@hono/node-server/serve-static"
import type { Context } from "hono"

import { Cable } from "./server/cable.ts"
import { webchatStream, type House } from "./server/channels.ts"
import { control } from "./server/control.ts"
import { openDatabase } from "./server/database.ts"
import { Faults, type Control, type ControlAnswer } from "./server/faults.ts"
import { createApp } from "./server/http.ts"
import { Messages } from "./server/messages.ts"
import { Origins } from "./server/origins.ts"
import { servePages } from "./server/pages.ts"
import { Publisher } from "./server/publisher.ts"
import { Stats, type Report } from "./server/stats.ts"
import { Timers } from "./server/timers.ts"

export type ServerOptions = {
  /** 0: any free one. */
  port?: number
  /** The SQLite file; created if missing. */
  database: string
  /** A directory whose files are served at `/`. */
  static?: string
  /** The hub's script, served at /assets/trunkline-worker.js. Default: the built one. */
  worker?: string
  /** Origins allowed beside localhost and 127.0.0.1 on the server's own port. */
  origins?: readonly string[]
  /** Carries out the order of that name. Default: nothing happens. */
  deploy?: () => void
}

export type RunningServer = {
  port: number
  /** `http://127.0.0.1:PORT`, without a slash. */
  url: string
  stats(): Report
  /** The same as POST /_control. */
  control(orders: Control): ControlAnswer
  /** Cuts everything, as a killed process would; the database file stays. */
  stop(): Promise<void>
}

const BUILT_WORKER = new URL("../dist/worker.js", import.meta.url).pathname

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const database = openDatabase(options.database)
  const faults = new Faults()
  const stats = new Stats()
  const timers = new Timers()
  const messages = new Messages(database)
  const publisher = new Publisher(messages, faults, timers, message =>
    cable.broadcast(webchatStream(message.conversation), message),
  )
  const house: House = { publisher, faults, broadcast: (stream, message) => cable.broadcast(stream, message) }
  const report = (): Report =>
    stats.report({ sockets: cable.open, persisted: messages.count(), silent: faults.silent, offline: faults.offline })

  const http = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env) }) as Server
  http.listen(options.port ?? 0, "127.0.0.1")
  await once(http, "listening")
  const { port } = http.address() as AddressInfo

  const origins = new Origins(port, options.origins ?? [])
  const cable = new Cable(http, house, stats, timers, origins)
  const controlled = { cable, faults, messages, publisher, stats, deploy: options.deploy ?? (() => {}) }
  const app = createApp({ ...controlled, origins, timers, report })
  app.get("/assets/trunkline-worker.js", serveStatic({ path: options.worker ?? BUILT_WORKER, onFound: askAgain }))
  if (options.static) app.use("*", serveStatic({ root: options.static, onFound: askAgain }))
  servePages(app, messages)

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stats: report,
    control: orders => control(orders, controlled),
    async stop() {
      timers.clear()
      cable.stop()
      http.closeAllConnections()
      http.close()
      await once(http, "close")
      database.close()
    },
  }
}

/** Names without a digest: a browser that guessed how long they stay fresh would run yesterday's build. */
function askAgain(_path: string, context: Context): void {
  context.header("Cache-Control", "no-cache")
}

if (import.meta.main) {
  process.on("SIGTERM", () => process.exit(0))
  // Whoever watched over it is gone without a word: nobody would ever end it.
  process.on("disconnect", () => process.exit(0))
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      database: { type: "string" },
      static: { type: "string" },
      worker: { type: "string" },
      origin: { type: "string", multiple: true },
    },
  })
  if (!values.database) throw new Error("Say where the messages live: --database FILE")
  const { port, database, origin: origins = [], static: files, worker } = values
  const server = await startServer({
    deploy: () => process.send?.("deploy"),
    port: Number(port),
    database,
    origins,
    ...(files === undefined ? {} : { static: files }),
    ...(worker === undefined ? {} : { worker }),
  })
  console.log(JSON.stringify({ port: server.port }))
}
