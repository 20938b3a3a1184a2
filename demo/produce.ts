// A second process that writes messages into the same database, whatever the server is doing:
//
//   node demo/produce.ts --database chat.sqlite --conversation c1 --count 100 --every 20
//
// prints {"id":N} for each one, once it is committed. The server does not know of them, so they are never broadcast.

import { setTimeout as wait } from "node:timers/promises"
import { parseArgs } from "node:util"

import { openDatabase } from "./server/database.ts"
import { Messages } from "./server/messages.ts"

const { values } = parseArgs({
  options: {
    database: { type: "string" },
    conversation: { type: "string", default: "" },
    count: { type: "string", default: "1" },
    /** Milliseconds between two messages. */
    every: { type: "string", default: "0" },
    body: { type: "string", default: "produced" },
  },
})
if (!values.database) throw new Error("Say where the messages live: --database FILE")

const messages = new Messages(openDatabase(values.database))
for (let n = 1; n <= Number(values.count); n++) {
  if (n > 1) await wait(Number(values.every))
  const { id } = messages.persist({
    conversation: values.conversation,
    author: "agent",
    body: `${values.body} ${n}`,
  })
  console.log(JSON.stringify({ id }))
}
