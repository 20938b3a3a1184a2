// Sentences that do not hold yet; each moves to stream.test.ts once it does.

import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

const OTHER = '{"channel":"OtherChannel"}'

describe("a subscription that starts now", () => {
  it("is not given what was sent before it came, though another one started now before that (engine rule 12)", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.welcome()
    hub.confirm()
    hub.loaded(null)
    hub.page([], { cursor: "10" })
    hub.page([])
    hub.live("11")
    const later = hub.attach({ wants: [want({ after: "now" })] })
    if (hub.fetches.length > 0) hub.page([], { cursor: "11" })
    expect(later.heard()).not.toContain("live 11")
  })
})

describe("tabs that come from a dead hub a few messages apart", () => {
  const ahead = want({ start: { from: "position", position: { after: "12", seen: [] } } })
  const behind = want({ start: { from: "position", position: { after: "10", seen: ["11", "12"] } } })

  it("share one request, whichever of them comes first (promise 2)", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [behind] })
    hub.attach({ wants: [ahead] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetches.map(({ after }) => after)).toEqual(["10"])
  })
})

describe("a reconcile", () => {
  it("comes when seen is half full, though no visible tab wants the stream (engine rule 4)", () => {
    const hub = new HubDriver()
    hub.attachLive({}, { visible: false })
    hub.pass(2_000)
    hub.page([])
    for (let id = 0; id < 1_024; id++) hub.live(`m${id}`)
    hub.pass(5_000)
    expect(hub.fetches).toHaveLength(1)
  })

  it("follows a recovery that took long, though no visible tab wants the stream", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], visible: false })
    hub.welcome()
    hub.confirm()
    hub.loaded(null)
    hub.pass(4_000)
    hub.page([])
    hub.pass(2_000)
    expect(hub.fetches).toHaveLength(1)
  })

  it("comes 2 s after the confirmation, though a tab woke in between and was served one", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.pass(100)
    tab.wake()
    hub.page([])
    hub.pass(1_900)
    expect(hub.fetches).toHaveLength(1)
  })

  it("is tried again with new credentials, whoever they were asked for", () => {
    const hub = new HubDriver()
    const wants = [want(), want({ subscription: 2, identifier: OTHER })]
    hub.attach({ wants, credentials: true })
    hub.welcome()
    for (const identifier of [CHAT, OTHER]) hub.confirm(identifier)
    for (const identifier of [CHAT, OTHER]) hub.loaded(null, identifier)
    const [chat, other] = hub.fetches.map(({ fetch }) => fetch)
    hub.answer({ type: "unauthorized" }, chat)
    hub.reply(null)
    hub.answer({ type: "unauthorized" }, hub.fetches.at(-1)?.fetch)
    hub.answer({ type: "unauthorized" }, other)
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    hub.pass(60_000)
    expect(hub.fetches).toHaveLength(2)
  })
})

describe("a stream that holds", () => {
  it("lets live messages flow while the store has not said where the cursor is (engine rule 15)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.welcome()
    hub.confirm()
    hub.live("11")
    expect(tab.heard()).toEqual(["connected", "live 11"])
  })

  it("does not leave others deaf because a frozen tab has its page", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], frozen: true })
    const other = hub.attach({ wants: [want({ catchUp: null })] })
    hub.welcome()
    hub.confirm()
    hub.page(["11"])
    hub.live("12")
    hub.pass(10_000)
    expect(other.heard()).toContain("live 12")
  })
})

describe("a stream whose cable is lost", () => {
  it("does not come to life by a late answer to where a new position is", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.pass(2_000)
    hub.gone()
    hub.close()
    if (hub.fetches.length > 0) hub.page([], { cursor: "50" })
    expect(hub.stream().phase).toBe("detached")
    expect(tab.heard()).toEqual(["disconnected"])
  })
})
