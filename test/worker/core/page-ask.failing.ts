// Sentences that do not hold yet; each moves to page-ask.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

const OTHER = '{"channel":"OtherChannel"}'

describe("a request that was refused", () => {
  it("and is refused again with credentials that another one had asked for is told, not looped (case 19)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want(), want({ subscription: 2, identifier: OTHER })], credentials: true })
    hub.welcome()
    for (const identifier of [CHAT, OTHER]) hub.confirm(identifier)
    const [chat, other] = hub.fetches.map(({ fetch }) => fetch)
    hub.answer({ type: "unauthorized" }, chat)
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    hub.answer({ type: "unauthorized" }, other)
    hub.drain("ask")
    hub.answer({ type: "unauthorized" }, hub.fetches.at(-1)?.fetch)
    expect(hub.drain("ask")).toEqual([])
    expect(tab.heard(2)).toEqual(["connected", "gap unauthorized"])
  })
})
