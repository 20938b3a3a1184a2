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

describe("eight tabs with an expired token (case 19)", () => {
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
