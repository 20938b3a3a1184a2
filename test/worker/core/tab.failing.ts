// Sentences that do not hold yet; each moves to tab.test.ts once it does.

import { describe, expect, it } from "vitest"
import type { WireEntry } from "../../../shared/entry.ts"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

const CHANNELS = [1, 2, 3].map(id => ({ subscription: id, identifier: `{"channel":"Channel${id}"}` }))

describe("a batch", () => {
  it("holds at most 512 messages, replays of several subscriptions included", () => {
    const hub = new HubDriver()
    hub.attach({ wants: CHANNELS.map(channel => want(channel)) })
    hub.welcome()
    for (const { identifier } of CHANNELS) hub.confirm(identifier)
    for (const _ of CHANNELS) hub.page([])
    const tab = hub.attach({ wants: CHANNELS.map(channel => want({ ...channel, after: "5" })), frozen: true })
    hub.flushes = false
    for (const _ of CHANNELS) hub.page(Array.from({ length: 200 }, (_, id) => `m${id}`))
    tab.take()
    const entries = tab.batches.at(-1)?.batch.parts.flatMap(part => JSON.parse(part.entries) as WireEntry[]) ?? []
    const messages = entries.map(entry => (entry[0] === "page" ? entry[2].length : 0))
    expect(messages.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(512)
  })

  it("holds at most 256 Ki characters, if one message alone is not larger", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: CHANNELS.map(channel => want({ ...channel, catchUp: null })) })
    hub.welcome()
    for (const { identifier } of CHANNELS) hub.confirm(identifier)
    tab.isFrozen = true
    hub.flushes = false
    for (const { identifier } of CHANNELS) hub.frame({ identifier, message: "x".repeat(200_000) })
    hub.flush()
    expect(tab.batches.at(-1)?.batch.parts).toHaveLength(1)
  })
})
