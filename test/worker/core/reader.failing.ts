// Sentences that do not hold yet; each moves to reader.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

describe("a last word", () => {
  it.each(["ended", "forget"] as const)("is the last: nothing of the log follows it after %s", type => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("11")
    hub.live("12")
    tab.heard()
    hub.put({ type })
    tab.thaw()
    expect(tab.heard()).toEqual([type === "ended" ? "disconnected" : "disconnected for good"])
  })

  it("is the last: nothing of the log follows a rejection", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.page([])
    hub.reconnect()
    tab.isFrozen = true
    hub.reject()
    hub.attach({ wants: [want()] })
    hub.confirm()
    tab.thaw()
    expect(tab.heard().at(-1)).toBe("rejected")
  })
})
