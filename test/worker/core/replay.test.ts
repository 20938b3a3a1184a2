import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

/** A stream that is live at "10", by its first tab. */
function live() {
  const hub = new HubDriver()
  const first = hub.attachLive()
  return { hub, first }
}

/** Whether the stream's next run, which brings nothing, is followed by somebody's own. */
function asksAgain(hub: HubDriver): boolean {
  hub.pass(2_000)
  hub.page([])
  return hub.fetches.length > 0
}

describe("a subscription that starts elsewhere than its stream stands (engine rule 11)", () => {
  it("is given pages of its own, and nobody else is", () => {
    const { hub, first } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    expect(hub.fetch.after).toBe("5")
    hub.page(["6", "10"])
    expect(tab.heard()).toEqual(["connected", "page 6 10", "caught-up"])
    expect(first.heard()).toEqual([])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })

  it("shares them with others that start at the same place, while they are being asked for", () => {
    const { hub } = live()
    const tabs = [1, 2, 3].map(() => hub.attach({ wants: [want({ after: "5" })] }))
    expect(hub.fetches).toHaveLength(1)
    hub.page(["6"])
    for (const tab of tabs) expect(tab.heard()).toEqual(["connected", "page 6", "caught-up"])
    hub.attach({ wants: [want({ after: "5" })] })
    expect(hub.fetches).toHaveLength(1)
    expect(hub.counters).toMatchObject({ replays: 2 })
  })

  it("does not share them with one that starts elsewhere", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.attach({ wants: [want({ after: "6" })] })
    expect(hub.fetches.map(({ after }) => after)).toEqual(["5", "6"])
  })

  it("gets what came live meanwhile after its pages", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.live("11")
    expect(tab.heard()).toEqual(["connected"])
    hub.page(["6"])
    hub.live("12")
    expect(tab.heard()).toEqual(["page 6", "caught-up", "live 11", "live 12"])
  })

  it("does not get again what came before its last page was asked for", () => {
    const { hub, first } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "11"])
    expect(tab.heard()).toEqual(["connected", "page 6 11", "caught-up"])
    expect(first.heard()).toEqual(["live 11"])
  })

  it("is given the whole page, also of messages that the hub had seen", () => {
    const { hub } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "9" })] })
    hub.page(["10", "11"])
    expect(tab.heard()).toContain("page 10 11")
  })

  it("gets the next page when one of those who share it has taken this one", () => {
    const { hub } = live()
    const slow = hub.attach({ wants: [want({ after: "5" })], frozen: true })
    const quick = hub.attach({ wants: [want({ after: "5" })], frozen: true })
    quick.take()
    hub.page(["6"], { more: true })
    expect(hub.fetches).toEqual([])
    quick.take()
    expect(hub.fetch.after).toBe("6")
    expect(slow.isWaiting).toBe(true)
  })

  it("is left behind when it has not taken a page while others went on, and starts anew from where it is", () => {
    const { hub } = live()
    const slow = hub.attach({ wants: [want({ after: "5" })] })
    const quick = hub.attach({ wants: [want({ after: "5" })] })
    slow.isFrozen = true
    hub.page(["6"], { more: true })
    hub.page(["7"])
    expect(quick.heard()).toEqual(["connected", "page 6", "page 7", "caught-up"])
    slow.thaw()
    expect(hub.fetch.after).toBe("6")
    hub.page(["7"])
    expect(slow.heard()).toEqual(["connected", "page 6", "page 7", "caught-up"])
  })

  it("starts anew only when it has taken that page, and not with what it had been given before", () => {
    const { hub } = live()
    const slow = hub.attach({ wants: [want({ after: "5" })] })
    hub.refuse()
    slow.isFrozen = true
    hub.live("11")
    hub.pass(1_000)
    hub.attach({ wants: [want({ after: "5" })] })
    hub.pass(1_000)
    const [, reconcile] = hub.fetches
    hub.answer({ type: "page", messages: [], hasMore: false, cursor: undefined }, reconcile?.fetch)
    hub.page(["6"], { more: true })
    hub.page(["7"])
    slow.take()
    expect(hub.fetches).toEqual([])
    slow.take()
    expect(hub.fetch.after).toBe("6")
  })

  it("says where it stands: at the last of its own pages that it has taken (engine rule 10)", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    expect(tab.after()).toBe("5")
    hub.page(["6"], { more: true })
    expect(tab.after()).toBe("6")
    hub.page(["7"])
    expect(tab.after()).toBe("7")
  })

  it("has taken for everybody what it takes with its pages (engine rule 3)", () => {
    const { hub, first } = live()
    first.isFrozen = true
    hub.live("11")
    expect(hub.stream().known).toMatchObject({ pending: 1, seen: 0 })
    hub.attach({ wants: [want({ after: "5" })] })
    hub.pass(100)
    hub.saved()
    hub.page(["11"])
    expect(hub.stream().known).toMatchObject({ pending: 0, seen: 1 })
    expect(hub.saved()).toMatchObject([{ position: { after: "10", seen: ["11"] } }])
  })

  it("has taken nothing for anybody that is not in its pages", () => {
    const { hub, first } = live()
    first.isFrozen = true
    hub.live("11")
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6"])
    expect(hub.stream().known).toMatchObject({ pending: 1, seen: 0 })
  })

  it("does not move the stream, wherever it stands", () => {
    const { hub } = live()
    hub.saved()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "7"])
    hub.pass(100)
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
    expect(hub.saved()).toEqual([])
  })

  it("does not delay the others: a slow one is its own affair (case 18)", () => {
    const { hub, first } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.live("11")
    expect(first.heard()).toEqual(["live 11"])
  })

  it("goes on when its cable is lost: pages come over HTTP", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.close()
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "page 6", "caught-up", "disconnected"])
  })

  it("is asked no more when nobody is left who needs it", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    tab.leave()
    expect(hub.fetches).toEqual([])
  })

  it("is asked anew for whoever comes after that", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] }).leave()
    hub.attach({ wants: [want({ after: "5" })] })
    expect(hub.fetch.after).toBe("5")
  })

  it("is asked no more after a log-out", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.put({ type: "forget" })
    expect(hub.fetches).toEqual([])
  })

  it("is still asked when one of those who share it is left", () => {
    const { hub } = live()
    const gone = hub.attach({ wants: [want({ after: "5" })] })
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    gone.leave()
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "page 6", "caught-up"])
  })

  it("follows the log from where its last page was asked, if all before that had settled", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    tab.isFrozen = true
    hub.page(["6"], { more: true })
    hub.live("11")
    tab.thaw()
    hub.page(["10", "11"])
    hub.live("12")
    expect(tab.heard()).toEqual(["connected", "page 6", "page 10 11", "caught-up", "live 12"])
  })

  it("follows it from before that where a page had not settled: what commits below it comes live", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    tab.isFrozen = true
    hub.page([hub.message("8", 0)], { more: true })
    hub.live("7")
    tab.thaw()
    hub.page(["10"])
    expect(tab.heard()).toEqual(["connected", "page 8", "page 10", "caught-up", "live 7"])
  })

  it("that came before the confirmation asks for its pages with it", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.welcome()
    expect(hub.fetches).toEqual([])
    hub.confirm()
    expect(hub.fetches.map(({ after }) => after)).toEqual(["10", "5"])
    expect(tab.heard()).toEqual(["connected"])
  })

  it("asks again after the stream's next run where that stands at a place that has not settled: rows may commit before it", () => {
    const hub = new HubDriver()
    hub.attachLive({ after: "10" })
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", hub.message("10", 100), hub.message("11", 0)])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
    expect(tab.after()).toBe("6")
    hub.pass(2_000)
    hub.page([])
    expect(hub.fetch.after).toBe("6")
    hub.page(["7", "10", "11"])
    expect(tab.heard().at(-2)).toBe("page 7 10 11")
    hub.pass(60_000)
    expect(hub.fetch.after).toBe("10")
  })

  it("leaves what waits in the log to the stream's pages, if the tab that was to take it has gone and its own pages lack it", () => {
    const hub = new HubDriver()
    const first = hub.attachLive()
    first.isFrozen = true
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    first.leave()
    hub.page(["6", "10"])
    hub.pass(2_000)
    hub.page(["11"])
    expect(tab.heard().at(-1)).toBe("page 11")
  })

  it("asks again where it began at the beginning and the stream's message is in no page any more", () => {
    const hub = new HubDriver()
    hub.attachLive({ after: "10" })
    hub.attach({ wants: [want({ after: null })] })
    hub.page([])
    hub.pass(2_000)
    hub.page([])
    expect(hub.fetch.after).toBeNull()
  })

  it("leaves the stream where it is if that has settled, or if its pages do not come past it", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "10", hub.message("11", 0)])
    expect(hub.stream().cursor.after).toBe("10")
    hub.attach({ wants: [want({ after: "7" })] })
    hub.page([hub.message("8", 0)])
    expect(hub.stream().cursor.after).toBe("10")
  })

  it("asks again after the stream's next run where nothing shows which of the two is earlier: the stream's place is gone", () => {
    const hub = new HubDriver()
    hub.attachLive({ after: "94" })
    hub.attach({ wants: [want({ after: "41" })] })
    hub.page([hub.message("96", 0)])
    hub.pass(2_000)
    expect(hub.fetch.after).toBe("94")
    hub.page([hub.message("96", 60_000)])
    expect(hub.fetch.after).toBe("41")
    hub.page(["83", "96"])
    hub.pass(60_000)
    hub.page([])
    expect(hub.fetches).toEqual([])
  })

  it("asks again after the stream's next run where that stands at a place which has settled since: rows may have committed", () => {
    const hub = new HubDriver()
    hub.attachLive({ after: "94" })
    hub.attach({ wants: [want({ after: "41" })] })
    hub.page([hub.message("50", 0), hub.message("96", 0)], { more: true })
    hub.pass(2_000)
    const [own, reconcile] = hub.fetches
    expect([own?.after, reconcile?.after]).toEqual(["96", "94"])
    const messages = [hub.message("96", 60_000)]
    hub.answer({ type: "page", messages, hasMore: false, cursor: undefined }, reconcile?.fetch)
    expect(hub.stream().cursor.after).toBe("96")
    hub.page([])
    hub.pass(60_000)
    hub.page([])
    expect(hub.fetch.after).toBe("41")
  })

  it("leaves the stream where it is if that is the beginning of time", () => {
    const hub = new HubDriver()
    hub.attachLive({ after: null })
    hub.attach({ wants: [want({ after: "10" })] })
    hub.page([hub.message("11", 0)])
    expect(hub.stream().cursor).toEqual({ after: null, seen: 0 })
    expect(asksAgain(hub)).toBe(false)
  })

  it("does not ask again where its pages came past the stream's place", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", "10"])
    expect(asksAgain(hub)).toBe(false)
  })

  it("does not ask again where it starts at a message that the stream has seen beyond its place", () => {
    const { hub } = live()
    hub.live("11")
    hub.attach({ wants: [want({ after: "11" })] })
    hub.page([hub.message("12", 0)])
    expect(asksAgain(hub)).toBe(false)
  })

  it("asks again where a page has moved the stream, but not all that it was given has settled", () => {
    const { hub } = live()
    hub.pass(2_000)
    hub.page(["11"])
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6", hub.message("12", 0)])
    hub.pass(58_000)
    expect(asksAgain(hub)).toBe(true)
  })

  it("asks again where another subscription has given the stream its place: no page has settled that", () => {
    const hub = new HubDriver()
    hub.attachLost()
    for (const after of ["5", "3"]) {
      hub.attach({ wants: [want({ after })] })
      hub.page([])
    }
    expect(asksAgain(hub)).toBe(true)
  })

  it("does not ask again where a page has moved the stream, and all that it was given has settled", () => {
    const { hub } = live()
    hub.pass(2_000)
    hub.page(["11"])
    hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6"])
    hub.pass(58_000)
    expect(asksAgain(hub)).toBe(false)
  })

  it("gives no place to a stream from whose next live message others go on: that may be on its way and earlier", () => {
    const hub = new HubDriver()
    hub.attachLost()
    hub.attach({ wants: [want({ after: "15" })] })
    hub.page([])
    expect(hub.stream().cursor).toEqual({ seen: 0 })
    hub.live("4")
    expect(hub.stream().cursor).toEqual({ after: "4", seen: 0 })
  })

  it("gives it the beginning, which is ahead of nothing", () => {
    const hub = new HubDriver()
    hub.attachLost()
    hub.attach({ wants: [want({ after: [] })] })
    expect(hub.stream().cursor).toEqual({ after: null, seen: 0 })
  })

  it("asks again with each reconcile for as long as the stream has none", () => {
    const hub = new HubDriver()
    hub.attachLost()
    hub.attach({ wants: [want({ after: "15" })] })
    hub.page([])
    hub.pass(2_000)
    expect(hub.fetches.map(({ after, limit }) => [after, limit])).toEqual([
      [null, 0],
      ["15", 200],
    ])
  })

  it("waits for one that is still finding out where it stands: else nobody could compare the two", () => {
    const hub = new HubDriver()
    const first = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.welcome()
    hub.confirm()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    expect(tab.heard()).toEqual([])
    expect(hub.fetches).toEqual([])
    hub.loaded(null)
    hub.page([], { cursor: "9" })
    expect(first.heard()).toEqual(["connected", "start 9"])
    expect(hub.fetches.map(({ after }) => after)).toEqual(["9", "5"])
  })

  it("is told the place that was sought for now, when it asked for the cursor meanwhile", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: "now" })] })
    hub.welcome()
    hub.confirm()
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    expect(hub.fetches).toHaveLength(1)
    hub.page([], { cursor: "9" })
    expect(tab.heard()).toContain("start 9")
  })
})

describe("a replay that the endpoint refuses", () => {
  it("is a gap for those who asked, and live messages follow", () => {
    const { hub, first } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.refuse()
    hub.live("11")
    expect(tab.heard()).toEqual(["connected", "gap unauthorized", "live 11"])
    expect(tab.after()).toBe("5")
    expect(first.heard()).toEqual(["live 11"])
  })

  it("is tried again once the endpoint answers: it has kept its place meanwhile", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.refuse()
    hub.pass(60_000)
    hub.page(["11"])
    expect(tab.after()).toBe("5")
    expect(hub.fetch.after).toBe("5")
    hub.page(["6", "11"])
    expect(tab.heard()).toEqual(["connected", "gap unauthorized", "page 11", "page 6 11", "caught-up"])
    expect(tab.after()).toBe("11")
  })

  it("for good goes on from where the stream stands", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.gone()
    expect(tab.heard()).toEqual(["connected", "start 10", "gap history-unavailable"])
    expect(tab.after()).toBe("10")
  })
})

describe("a second subscription of one tab", () => {
  it("starts like any other, by its own `after` (engine rule 13)", () => {
    const { hub, first } = live()
    first.subscribe({ subscription: 2, after: "7" })
    expect(hub.fetch.after).toBe("7")
    hub.page(["8"])
    expect(first.heard(2)).toEqual(["connected", "page 8", "caught-up"])
    expect(first.heard(1)).toEqual([])
  })
})

describe("a subscription that starts now on a live stream", () => {
  it("asks where that is, and gets what is sent from then on", () => {
    const { hub, first } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    expect(hub.fetch).toMatchObject({ after: null, limit: 0 })
    hub.live("12")
    expect(tab.heard()).toEqual(["connected"])
    hub.page([], { cursor: "11" })
    expect(tab.heard()).toEqual(["start 11", "caught-up", "live 12"])
    expect(tab.after()).toBe("11")
    expect(first.heard()).toEqual(["live 11", "live 12"])
  })

  it("does not wait for it when it cannot be had", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    hub.live("12")
    expect(tab.heard()).toEqual(["connected", "start 10", "caught-up", "live 12"])
    expect(tab.after()).toBe("10")
  })

  it("gets what nobody has taken yet, when it cannot be had: it is not among what the stream has seen", () => {
    const { hub, first } = live()
    first.isFrozen = true
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "start 10", "caught-up", "live 11"])
  })

  it("does not get what has been taken, when it cannot be had, though somebody left before that was", () => {
    const { hub, first } = live()
    first.isFrozen = true
    hub.live("11")
    hub.attach({ wants: [want({ after: "now" })] })
    hub.page([], { cursor: "11" })
    first.leave()
    hub.live("12")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "start 10 12", "caught-up"])
  })

  it("does not get what came before anybody caught up, when it cannot be had", () => {
    const hub = new HubDriver()
    hub.attachLive({ catchUp: null })
    hub.attach({ wants: [want()] })
    hub.page([])
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    hub.fail()
    expect(tab.heard()).toEqual(["connected", "start 10 11", "caught-up"])
  })

  it("gets from the log all that came since it asked, as long as that is there, and else pages from there", () => {
    const asked = [1_000, 1_001].map(sent => {
      const { hub } = live()
      hub.attach({ wants: [want({ after: "now" })] })
      for (let id = 0; id < sent; id++) hub.live(`m${id}`)
      hub.pass(100)
      hub.page([], { cursor: "11" })
      return hub.fetches.map(({ after }) => after)
    })
    expect(asked).toEqual([[], ["11"]])
  })

  it("asks no more when it has left", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    tab.unsubscribe()
    expect(hub.fetches).toEqual([])
  })
})

describe("a subscription that starts at the cursor of a live stream", () => {
  it("starts where the stream stands", () => {
    const { hub } = live()
    hub.live("11")
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    expect(hub.fetch.after).toBe("10")
    hub.page(["11"])
    expect(tab.heard()).toEqual(["connected", "start 10 11", "page 11", "caught-up"])
  })

  it("starts now while nobody knows where that is", () => {
    const hub = new HubDriver()
    hub.attachLost()
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.page([], { cursor: "50" })
    expect(tab.heard()).toEqual(["connected", "start 50", "caught-up"])
    expect(hub.stream().cursor).toEqual({ seen: 0 })
  })
})
