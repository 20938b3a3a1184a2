// One way in: wherever a tab's own host is, it reaches the one hub of its key.

import { describe, expect, it } from "vitest"

import { chat } from "./lab/chat.ts"
import { useLab } from "./lab/lab.ts"
import { SHARED_WORKERS } from "./lab/place.ts"

describe.each(SHARED_WORKERS)("hosts in %s", (_, place) => {
  const lab = useLab(place)

  it("mixed: a worker's tab and a leader's tab share one socket, whoever came first", async () => {
    const server = await lab.serve()
    const worker = await lab.open(chat({ after: null, consumer: { host: "shared-worker" } }))
    await worker.untilCaughtUp()
    const guest = await lab.open(chat({ after: null, consumer: { host: "leader-tab" } }))
    await guest.untilCaughtUp()
    await server.say(5)
    await guest.untilReceived(5)
    expect(await guest.inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 2 } })
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })
})
