// Sentences that do not hold yet; each moves to cursor.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

describe("a hub without the mutex writes no rows", () => {
  it.each(["ended", "forget"] as const)("not even when a batch is taken after %s", type => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("11")
    hub.pass(100)
    hub.saved()
    hub.put({ type })
    tab.thaw()
    hub.pass(1_000)
    expect(hub.saved()).toEqual([])
  })

  it("while it is standby, though the endpoint says where now is", () => {
    const hub = new HubDriver(null)
    hub.attach({ wants: [want({ after: "now" })] })
    hub.loaded(null)
    hub.page([], { cursor: "50" })
    hub.pass(100)
    expect(hub.saved()).toEqual([])
  })
})
