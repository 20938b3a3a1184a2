import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

const FRESH = { url: `${URL}?token=2`, headers: { Authorization: "2" } }

describe("a question for credentials", () => {
  it("goes to a live tab before each opening, where its URL is a function", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    expect(hub.drain("ask")).toMatchObject([{ tab: 1, question: { reason: "open" } }])
    expect(hub.drain("dial")).toEqual([])
    expect(hub.state).toBe("opening")
    hub.reply(FRESH)
    expect(hub.drain("dial")).toMatchObject([{ url: FRESH.url }])
    hub.welcome()
    hub.close()
    hub.pass(500)
    expect(hub.drain("ask")).toHaveLength(1)
  })

  it("is not put to tabs that can say no more than they already said", () => {
    const hub = new HubDriver()
    hub.attach()
    expect(hub.drain("ask")).toEqual([])
    expect(hub.drain("dial")).toMatchObject([{ url: URL }])
  })

  it("is put to one tab at a time; the next is asked when it has no answer", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true, open: false })
    hub.attach({ asks: true, open: false })
    hub.attach()
    expect(hub.drain("ask")).toMatchObject([{ tab: 1 }])
    hub.reply(null)
    expect(hub.drain("ask")).toMatchObject([{ tab: 2 }])
    hub.reply(null)
    expect(hub.drain("ask")).toEqual([])
    expect(hub.drain("dial")).toMatchObject([{ url: URL }])
  })

  it("goes to a visible tab first: hidden ones may be frozen", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true, visible: false, open: false })
    hub.attach({ asks: true, visible: true, open: false })
    hub.attach()
    expect(hub.drain("ask")).toMatchObject([{ tab: 2 }])
    hub.reply(null)
    expect(hub.drain("ask")).toMatchObject([{ tab: 1 }])
  })

  it("goes to the next tab after 5 s: a frozen one thinks for ever", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    hub.attach({ asks: true })
    hub.drain("ask")
    hub.silence(4_999)
    expect(hub.drain("ask")).toEqual([])
    hub.silence(1)
    expect(hub.drain("ask")).toMatchObject([{ tab: 2 }])
    hub.silence(4_999)
    expect(hub.drain("dial")).toEqual([])
    hub.silence(1)
    expect(hub.drain("dial")).toMatchObject([{ url: URL }])
  })

  it("goes to the next tab at once when the asked one goes", () => {
    const hub = new HubDriver()
    const gone = hub.attach({ asks: true })
    hub.attach({ asks: true })
    hub.drain("ask")
    gone.leave()
    expect(hub.drain("ask")).toMatchObject([{ tab: 2 }])
  })

  it("stays with its tab when another one goes", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    const gone = hub.attach({ asks: true })
    hub.drain("ask")
    gone.leave()
    expect(hub.drain("ask")).toEqual([])
    hub.reply(FRESH)
    expect(hub.drain("dial")).toMatchObject([{ url: FRESH.url }])
  })

  it("takes no answer of a tab that was given up", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    hub.attach({ asks: true })
    const first = hub.lastAsk
    hub.silence(5_000)
    hub.reply(FRESH, first)
    expect(hub.drain("dial")).toEqual([])
    hub.reply(null)
    expect(hub.drain("dial")).toMatchObject([{ url: URL }])
    hub.reply(FRESH)
    expect(hub.drain("dial")).toEqual([])
  })

  it("rings no alarm once it is answered", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    hub.attach({ asks: true })
    hub.drain("ask")
    hub.reply(FRESH)
    hub.welcome()
    hub.pass(60_000)
    expect(hub.drain("ask")).toEqual([])
  })

  it("when refused goes to tabs with `credentials`, not to those that only know a URL", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true, wants: [want()] })
    hub.reply({ url: URL, headers: {} })
    hub.attach({ credentials: true })
    hub.welcome()
    hub.confirm()
    hub.drain("ask")
    hub.refuse()
    expect(hub.drain("ask")).toMatchObject([{ tab: 2, question: { reason: "unauthorized" } }])
  })

  it("when refused is not put to anybody where nobody has `credentials`", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ asks: true, wants: [want()] })
    hub.reply({ url: URL, headers: {} })
    hub.welcome()
    hub.confirm()
    hub.drain("ask")
    hub.refuse()
    expect(hub.drain("ask")).toEqual([])
    expect(tab.heard()).toEqual(["connected", "gap unauthorized"])
  })

  it("comes too late for a cable that nobody wants any more", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    hub.put({ type: "open", tab: 1, wanted: false })
    hub.pass(1_000)
    hub.reply(FRESH)
    expect(hub.drain("dial")).toEqual([])
    expect(hub.state).toBe("idle")
  })

  it("dials once when the cable is reopened while it is asked", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    hub.put({ type: "reopen", tab: 1 })
    hub.reply(FRESH)
    expect(hub.drain("ask")).toHaveLength(1)
    expect(hub.drain("dial")).toHaveLength(1)
  })
})

describe("what tabs say of themselves", () => {
  it("counts from the newest attach: its URL and protocols are dialled", () => {
    const hub = new HubDriver()
    hub.attach()
    hub.attach({ url: FRESH.url, subprotocols: ["extra"], open: false })
    hub.close()
    hub.drain("dial")
    hub.pass(1_000)
    expect(hub.drain("dial")).toMatchObject([{ url: FRESH.url, subprotocols: ["extra"] }])
  })

  it("does not take the headers away that another tab had given", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true, wants: [want()] })
    hub.reply(FRESH)
    hub.welcome()
    hub.attach()
    hub.confirm()
    expect(hub.fetch.headers).toEqual(FRESH.headers)
  })
})

describe("a log-out", () => {
  it("leaves nothing of what the tabs gave: whoever comes next brings its own", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true, wants: [want()] })
    hub.reply(FRESH)
    hub.welcome()
    hub.put({ type: "forget" })
    hub.put({ type: "tab-gone", tab: 1 })
    hub.put({ type: "began", epoch: 2 })
    hub.drain("dial")
    hub.attach({ wants: [want()] })
    expect(hub.drain("dial")).toMatchObject([{ url: URL }])
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.headers).toEqual({})
  })

  it("takes no answer to what was asked before it", () => {
    const hub = new HubDriver()
    hub.attach({ asks: true })
    const asked = hub.lastAsk
    hub.put({ type: "forget" })
    hub.put({ type: "began", epoch: 2 })
    hub.attach({ asks: true })
    hub.reply(FRESH, asked)
    expect(hub.drain("dial")).toEqual([])
    hub.reply({ url: `${URL}?token=3`, headers: {} })
    expect(hub.drain("dial")).toMatchObject([{ url: `${URL}?token=3` }])
  })
})

describe("eight tabs with an expired token (case 19)", () => {
  it("which the cable's server refuses, are asked once, and all are connected with the one answer", () => {
    const hub = new HubDriver()
    const tabs = Array.from({ length: 8 }, () => hub.attach({ credentials: true, wants: [want()] }))
    hub.drain("dial")
    hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
    expect(hub.drain("ask")).toMatchObject([{ question: { reason: "unauthorized" } }])
    hub.reply(FRESH)
    expect(hub.drain("dial")).toMatchObject([{ url: FRESH.url }])
    hub.welcome()
    hub.confirm()
    for (const tab of tabs) expect(tab.heard()).toEqual(["connected"])
    expect(hub.fetch.headers).toEqual(FRESH.headers)
    expect(hub.drain("ask")).toEqual([])
  })

  it("are told when the cable's server refuses the new one too: nobody tries again by itself", () => {
    const hub = new HubDriver()
    const tabs = Array.from({ length: 8 }, () => hub.attach({ credentials: true, wants: [want()] }))
    hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
    hub.reply(FRESH)
    hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
    hub.pass(60_000)
    expect(hub.drain("ask")).toHaveLength(1)
    expect(hub.drain("dial")).toHaveLength(2)
    for (const tab of tabs) expect(tab.cable).toBe("refused")
  })

  it("are asked once, and everybody goes on with the one answer", () => {
    const hub = new HubDriver()
    const wants = (n: number) => [want({ identifier: `{"channel":"C${n}"}` })]
    const tabs = Array.from({ length: 8 }, (_, n) => hub.attach({ credentials: true, wants: wants(n) }))
    hub.welcome()
    for (let n = 0; n < 8; n++) hub.confirm(`{"channel":"C${n}"}`)
    expect(hub.fetches).toHaveLength(8)
    for (let n = 0; n < 8; n++) hub.refuse()
    expect(hub.drain("ask")).toHaveLength(1)
    expect(hub.fetches).toEqual([])
    hub.reply(FRESH)
    expect(hub.fetches.map(({ headers }) => headers)).toEqual(Array(8).fill(FRESH.headers))
    for (let n = 0; n < 8; n++) hub.page([])
    for (const tab of tabs) expect(tab.heard()).toContain("caught-up")
    expect(hub.drain("ask")).toEqual([])
  })

  it("are told of a second refusal, and not asked in a loop", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ credentials: true, wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.refuse()
    hub.reply(FRESH)
    hub.refuse()
    expect(hub.drain("ask")).toHaveLength(1)
    expect(tab.heard()).toEqual(["connected", "gap unauthorized"])
    expect(hub.fetches).toEqual([])
  })
})
