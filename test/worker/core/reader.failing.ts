// Sentences that do not hold yet; each moves to reader.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

function flood(hub: HubDriver): void {
  for (let id = 0; id < 1_500; id++) hub.live(`m${id}`)
}

describe("a tab that fell off the log before it had heard what the log told of the connection", () => {
  it("hears that it is connected", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], frozen: true })
    hub.welcome()
    hub.confirm()
    hub.page([])
    flood(hub)
    tab.thaw()
    hub.page(["m0"])
    const heard = tab.heard()
    expect(heard.indexOf("connected")).toBeGreaterThanOrEqual(0)
    expect(heard.indexOf("connected")).toBeLessThan(heard.indexOf("page m0"))
  })

  it("hears that it is connected, without catchUp", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ catchUp: null })], frozen: true })
    hub.welcome()
    hub.confirm()
    flood(hub)
    tab.thaw()
    expect(tab.heard()).toContain("connected")
  })

  it("hears that it is disconnected", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("first")
    hub.close()
    hub.pass(500)
    hub.welcome()
    flood(hub) // held: they take the log's room
    hub.close()
    hub.silence(100)
    tab.thaw()
    expect(tab.heard()).toContain("disconnected")
  })
})

describe("a tab that fell off the log before it had heard where it starts", () => {
  it.each(["now", "cursor"] as const)("catches up from there: %s", after => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after })], frozen: true })
    if (after === "now") hub.page([], { cursor: "50" })
    else hub.loaded({ v: 1, position: { after: "50", seen: [] }, epoch: 1, n: 1 })
    hub.welcome()
    hub.confirm()
    hub.page([])
    flood(hub)
    tab.thaw()
    expect(hub.fetch.after).toBe("50")
    hub.page(["m0"])
    expect(tab.heard()).toEqual(expect.arrayContaining(["start 50", "page m0", "caught-up"]))
  })
})
