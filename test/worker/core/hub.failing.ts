// Sentences that do not hold yet; each moves to hub.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"

describe("a tab", () => {
  it("that subscribes twice under one number has one subscription", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.subscribe({})
    expect(hub.stream().subscriptions).toBe(1)
  })

  it("that attaches later does not change what the first one has decided: linger and frame size (bridge.ts)", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.attach({ settings: { linger: 9_000, maxFrameBytes: 10 } })
    hub.live("11")
    expect(tab.heard()).toEqual(["live 11"])
  })
})
