// Sentences that do not hold yet; each moves to recovery.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

/** A frozen tab holds the first page of the stream: nobody has taken messages 11 and 12. */
function frozenWithPage() {
  const hub = new HubDriver()
  const frozen = hub.attach({ wants: [want()], frozen: true })
  hub.welcome()
  hub.confirm()
  hub.loaded(null)
  hub.page(["11", "12"])
  return { hub, frozen }
}

describe("a page that nobody has taken moves nothing (engine rule 2)", () => {
  it("not even when a replay that covers it has been fetched, but not taken", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "5" })], frozen: true })
    hub.page(["6", "10", "11", "12"])
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("nor when a subscription that starts now joins behind it", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("nor when a subscription whose own start is gone joins behind it", () => {
    const { hub } = frozenWithPage()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.gone()
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("and is asked again when only subscriptions that joined behind it are left", () => {
    const { hub, frozen } = frozenWithPage()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "12" })
    frozen.leave()
    hub.pass(100)
    expect(hub.fetch).toMatchObject({ after: "10" })
  })
})

describe("what a tab had not taken when it went is news to the next one (promise 3)", () => {
  it("a live message", () => {
    const hub = new HubDriver()
    const gone = hub.attachLive()
    gone.isFrozen = true
    hub.live("11")
    gone.leave()
    const next = hub.attach({ wants: [want()] })
    hub.page(["11"])
    expect(next.heard()).toEqual(["connected", "page 11", "caught-up"])
  })

  it("a caught-up page", () => {
    const { hub, frozen } = frozenWithPage()
    frozen.leave()
    const next = hub.attach({ wants: [want()] })
    hub.page(["11", "12"])
    expect(next.heard()).toEqual(["connected", "page 11 12", "caught-up"])
  })

  it("a live message that a subscription which started now had passed by", () => {
    const hub = new HubDriver()
    const gone = hub.attachLive()
    gone.isFrozen = true
    hub.live("11")
    const next = hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "11" })
    next.heard()
    gone.leave()
    hub.pass(10_000)
    hub.page(["11"])
    expect(next.heard()).toEqual(["page 11"])
  })
})

describe("an endpoint that knows no place at all", () => {
  it("is not asked again at once each time that it says so", () => {
    const hub = new HubDriver()
    hub.attachLive()
    hub.pass(2_000)
    hub.gone()
    hub.page([], { cursor: "50" })
    hub.pass(1_000)
    if (hub.fetches.length > 0) hub.gone()
    if (hub.fetches.length > 0) hub.page([], { cursor: "50" })
    hub.pass(1_000)
    expect(hub.fetches).toEqual([])
  })
})
