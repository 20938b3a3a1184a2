// One way in: wherever a tab's own host is, it reaches the one hub of its key.

import { describe, expect, it } from "vitest"

import { ENGINES } from "./lab/browser.ts"
import { chat, range } from "./lab/chat.ts"
import { useLab } from "./lab/lab.ts"

describe.each(ENGINES)("hosts in %s", engine => {
  const lab = useLab(engine)

  it("leader-tab: three tabs share one socket, and each receives every message in order", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null, consumer: { host: "leader-tab" } }))
    await server.say(20)
    await Promise.all(tabs.map(tab => tab.untilReceived(20)))
    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 20))
      expect(await tab.inspect()).toMatchObject({ host: "leader-tab", tabs: { length: 3 } })
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1, commands: { length: 1 } })
  })

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
