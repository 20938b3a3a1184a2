// Sentences that do not hold yet; each moves to hold.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"

describe("messages that wait to be sorted", () => {
  it("are not lost when there are more than the log holds: they go out, or are asked for", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ settings: { reorderFor: 1_000 } })
    for (let id = 100; id < 1_101; id++) hub.live(`${id}`)
    hub.pass(1_000)
    expect(tab.heard().includes("live 100") || hub.fetches.length > 0).toBe(true)
  })

  it("are sorted by time where only some of the ids are integers", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ settings: { reorderFor: 1_000 } })
    hub.live("x")
    hub.pass(10)
    hub.live("7")
    hub.pass(1_000)
    expect(tab.heard()).toEqual(["live x", "live 7"])
  })
})

describe("held messages", () => {
  it("count against the log's capacity", () => {
    const hub = new HubDriver()
    hub.attachLive()
    for (let id = 0; id < 1_000; id++) hub.live(`m${id}`)
    hub.reconnect()
    hub.confirm()
    for (let id = 0; id < 1_000; id++) hub.live(`n${id}`)
    const { log, held } = hub.stream()
    expect(log.entries + held).toBeLessThanOrEqual(1_000)
  })
})
