// Sentences that do not hold yet; each moves to subscriptions.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

describe("an unsubscribe", () => {
  it("that answers a late confirmation is followed by a pause of its own", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.unsubscribe()
    hub.pass(1_000)
    tab.subscribe({})
    hub.pass(250)
    hub.sent()
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
    hub.pass(299)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["subscribe"])
  })
})

describe("after a rejection", () => {
  it("an answer that comes when its channel has been left and made anew leaves the new one alone", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    hub.reject()
    tab.unsubscribe()
    hub.pass(1_000)
    tab.subscribe({})
    expect(hub.sent()).toEqual(["subscribe", "subscribe"])
    hub.reply({ url: URL, headers: {} })
    hub.confirm()
    expect(hub.sent()).toEqual([])
    expect(tab.heard()).toEqual(["connected"])
  })

  it("a tab that joins while credentials are asked for does not make it two subscribes", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    hub.reject()
    hub.attach({ wants: [want()] })
    hub.reply({ url: URL, headers: {} })
    expect(hub.sent()).toEqual(["subscribe", "subscribe"])
  })

  it("a frozen tab hears of it once, however many others are rejected after it", () => {
    const hub = new HubDriver()
    const frozen = hub.attach({ wants: [want()], frozen: true })
    hub.welcome()
    hub.reject()
    hub.attach({ wants: [want()] })
    hub.reject()
    frozen.thaw()
    expect(frozen.heard()).toEqual(["rejected"])
  })

  it("a subscription that asks later gets its own second try", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    hub.reject()
    hub.reply(null)
    hub.reject()
    hub.drain("ask")
    hub.attach({ wants: [want()] })
    hub.reject()
    expect(hub.drain("ask")).toMatchObject([{ question: { reason: "rejected" } }])
  })
})

describe("a perform that waits for the confirmation", () => {
  it("outlives the cure of a missed one", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.put({ type: "perform", tab: 1, identifier: CHAT, data: "{}" })
    hub.pass(5_300)
    hub.confirm()
    expect(hub.sent()).toEqual(["subscribe", "unsubscribe", "subscribe", "message"])
  })
})
