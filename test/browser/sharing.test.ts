// Several tabs, one cable.

import { describe, expect, it } from "vitest"

import { chat, chatIdentifier, range } from "./lab/chat.ts"
import { expectGiven } from "./lab/given.ts"
import { PLACES } from "./lab/place.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(PLACES)("three tabs in %s", (_, place) => {
  const lab = useLab(place)

  it("share one socket and one subscribe, and each receives every message in order", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(3, chat({ after: null }))
    await server.say(20)

    for (const tab of tabs) await expectGiven(tab, range(1, 20))
    const { opened, sockets, commands } = await server.stats()
    expect({ opened, sockets }).toEqual({ opened: 1, sockets: 1 })
    expect(commands).toMatchObject([{ command: "subscribe", identifier: chatIdentifier() }])
  })

  it("opened at the same moment, do so too", async () => {
    const server = await lab.serve()
    await server.say(2)
    const options = chat({ after: null })
    const tabs = await Promise.all([lab.open(options), lab.open(options), lab.open(options)])
    await Promise.all(tabs.map(tab => tab.untilCaughtUp()))
    await server.say(2)

    for (const tab of tabs) await expectGiven(tab, range(1, 4))
    const { opened, sockets, commands } = await server.stats()
    expect({ opened, sockets }).toEqual({ opened: 1, sockets: 1 })
    expect(commands).toHaveLength(1)
  })
})
