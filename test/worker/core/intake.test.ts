import { describe, expect, it } from "vitest"
import { HubDriver, SERVER_EPOCH } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

/** Confirmed; the first request is open. */
function holding(options: WantOptions = {}) {
  const hub = new HubDriver()
  const tab = hub.attach({ wants: [want(options)] })
  hub.welcome()
  hub.confirm()
  hub.loaded(null)
  return { hub, tab }
}

describe("live messages are held", () => {
  it("until the last caught-up page is in: what is older comes first (case 17)", () => {
    const { hub, tab } = holding()
    hub.live("14")
    hub.page(["11"], { more: true })
    hub.live("15")
    expect(tab.heard()).toEqual(["connected", "page 11"])
    hub.page(["12", "13"])
    expect(tab.heard()).toEqual(["page 12 13", "caught-up", "live 14", "live 15"])
  })

  it("that come before the confirmation (wire: a message before the confirmation is possible)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.live("11")
    expect(tab.heard()).toEqual([])
    hub.confirm()
    hub.page([])
    expect(tab.heard()).toEqual(["connected", "caught-up", "live 11"])
  })

  it("while the cable is lost again and again, and go out after the next recovery", () => {
    const { hub, tab } = holding()
    hub.live("12")
    hub.reconnect()
    hub.confirm()
    hub.live("13")
    hub.page(["11"])
    const heard = tab.heard()
    expect(heard.slice(-4)).toEqual(["page 11", "caught-up", "live 12", "live 13"])
  })

  it("for as long as there is no cable: holdFor counts only while something is asked", () => {
    const { hub, tab } = holding()
    hub.live("12")
    hub.close()
    tab.heard()
    hub.silence(60_000)
    expect(tab.heard()).toEqual([])
    tab.wake()
    hub.welcome()
    hub.confirm()
    hub.page(["11"])
    expect(tab.heard().slice(-3)).toEqual(["page 11", "caught-up", "live 12"])
  })

  it("but not those that waited to be sorted when the cable was lost: they came before", () => {
    const { hub, tab } = holding({ settings: { reorderFor: 60 } })
    hub.page([])
    hub.live("12")
    hub.close()
    expect(tab.heard()).toEqual(["connected", "caught-up", "live 12", "disconnected"])
  })

  it("and nothing of them is known before they go out", () => {
    const { hub } = holding()
    hub.live("11")
    expect(hub.stream()).toMatchObject({ held: 1, cursor: { after: "10", seen: 0 } })
    hub.page([])
    expect(hub.stream()).toMatchObject({ held: 0, cursor: { after: "10", seen: 1 } })
  })

  it("but not while the store has not said where the cursor is (engine rule 15)", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: "cursor" })] })
    hub.welcome()
    hub.confirm()
    hub.live("11")
    expect(tab.heard()).toEqual(["connected", "live 11"])
  })
})

describe("holding ends after holdFor (promise)", () => {
  it("if catch-up keeps failing: 10 s after it was asked, and not before", () => {
    const { hub, tab } = holding()
    hub.live("15")
    hub.pass(9_999)
    expect(tab.heard()).toEqual(["connected"])
    hub.pass(1)
    expect(tab.heard()).toEqual(["live 15"])
    hub.live("16")
    expect(tab.heard()).toEqual(["live 16"])
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 2 })
  })

  it("and what is recovered later comes late, once", () => {
    const { hub, tab } = holding()
    hub.live("15")
    hub.pass(10_000)
    hub.page(["11", "15"])
    expect(tab.heard()).toEqual(["connected", "live 15", "page 11", "caught-up"])
  })

  it("counts retries of one request as one time", () => {
    const { hub, tab } = holding()
    hub.live("15")
    for (let second = 0; second < 10; second++) {
      if (hub.fetches.length > 0) hub.fail()
      hub.pass(1_000)
    }
    expect(tab.heard()).toEqual(["connected", "live 15"])
  })

  it("is as long as the application says", () => {
    const { hub, tab } = holding({ settings: { holdFor: 500 } })
    hub.live("15")
    hub.pass(499)
    expect(tab.heard()).toEqual(["connected"])
    hub.pass(1)
    expect(tab.heard()).toEqual(["live 15"])
  })

  it("begins anew with each page that comes: the endpoint does its work", () => {
    const { hub, tab } = holding()
    hub.live("15")
    hub.pass(9_000)
    hub.page(["11"], { more: true })
    hub.pass(9_999)
    expect(tab.heard()).toEqual(["connected", "page 11"])
    hub.pass(1)
    expect(tab.heard()).toEqual(["live 15"])
  })

  it("also where a frozen tab has the page: it does not leave the others deaf", () => {
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

describe("held messages overflow (engine rule 8)", () => {
  it("the oldest are dropped, and catch-up asks once more: nothing is lost", () => {
    const { hub, tab } = holding({ settings: { holdFor: 60_000 } })
    for (let id = 0; id < 1_001; id++) hub.live(`m${id}`)
    hub.page(["11"])
    expect(tab.heard()).toContain("page 11")
    expect(hub.fetch.after).toBe("11")
    hub.page(["m0"])
    expect(tab.heard()).toContain("page m0")
    expect(hub.stream()).toMatchObject({ phase: "live", held: 0 })
  })

  it("once, and not again with the next recovery", () => {
    const { hub } = holding({ settings: { holdFor: 60_000 } })
    for (let id = 0; id < 1_001; id++) hub.live(`m${id}`)
    hub.page([])
    hub.page([])
    hub.reconnect()
    hub.confirm()
    while (hub.fetches.length > 0) hub.page([])
    expect(hub.counters).toMatchObject({ recoveriesComplete: 3 })
  })

  it("not where all of them had room", () => {
    const { hub, tab } = holding({ settings: { holdFor: 60_000 } })
    for (let id = 0; id < 900; id++) hub.live(`m${id}`)
    hub.page(["11"])
    expect(hub.fetches).toEqual([])
    expect(tab.heard()).toHaveLength(3 + 900)
  })

  it("take their room from the log's (promise: holding)", () => {
    const hub = new HubDriver()
    hub.attachLive()
    for (let id = 0; id < 1_000; id++) hub.live(`m${id}`)
    hub.reconnect()
    hub.confirm()
    for (let id = 0; id < 600; id++) hub.live(`n${id}`)
    expect(hub.stream()).toMatchObject({ held: 600, log: { entries: 400 } })
    for (let id = 0; id < 600; id++) hub.live(`o${id}`)
    const { log, held } = hub.stream()
    expect(held + log.entries).toBe(1_000)
  })
})

describe("reorderFor (promise)", () => {
  const sorting = (settings = { reorderFor: 100 }) => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ settings })
    return { hub, tab }
  }

  it("is 0: speed before order, as they come", () => {
    const { hub, tab } = sorting({ reorderFor: 0 })
    hub.live("12")
    hub.live("11")
    expect(tab.heard()).toEqual(["live 12", "live 11"])
  })

  it("lets live messages wait that long, and sorts them by integer ids", () => {
    const { hub, tab } = sorting()
    hub.live("112")
    hub.pass(50)
    hub.live("99")
    hub.pass(49)
    expect(tab.heard()).toEqual([])
    expect(hub.stream().held).toBe(2)
    hub.pass(1)
    expect(tab.heard()).toEqual(["live 99", "live 112"])
  })

  it("sorts by time where ids are no integers", () => {
    const { hub, tab } = sorting()
    hub.live("b", { created_at: SERVER_EPOCH + 2 })
    hub.live("a", { created_at: SERVER_EPOCH + 1 })
    hub.pass(100)
    expect(tab.heard()).toEqual(["live a", "live b"])
  })

  it("keeps the order of arrival where neither can be known", () => {
    const { hub, tab } = sorting()
    hub.live("b", { created_at: null })
    hub.live("a")
    hub.frame({ identifier: CHAT, message: "typing" })
    hub.pass(100)
    expect(tab.heard()).toEqual(["live b", "live a", 'live "typing"'])
  })

  it("waits for each of them no longer than for the first that needs it", () => {
    const { hub, tab } = sorting()
    hub.live("12")
    hub.pass(60)
    hub.live("14")
    hub.pass(40)
    expect(tab.heard()).toEqual(["live 12"])
    hub.pass(59)
    expect(tab.heard()).toEqual([])
    hub.pass(1)
    expect(tab.heard()).toEqual(["live 14"])
  })

  it("is not cut short by a reconcile that takes longer than holdFor: that holds nothing", () => {
    const { hub, tab } = sorting({ reorderFor: 60_000 })
    hub.pass(2_000)
    hub.live("12")
    hub.pass(20_000)
    expect(tab.heard()).toEqual([])
    expect(hub.fetches).toHaveLength(1)
  })

  it("leaves no alarm behind when everybody has left", () => {
    const { hub, tab } = sorting({ reorderFor: 60_000 })
    hub.live("12")
    tab.leave()
    hub.pass(10_000)
    expect(hub.core.inspect().streams).toEqual([])
    expect(hub.alarm).toBeNull()
  })

  it("lets the oldest go out where there are more than the log holds: none is lost", () => {
    const { hub, tab } = sorting({ reorderFor: 1_000 })
    for (let id = 0; id < 1_000; id++) hub.live(`${1_000 + id}`)
    expect(tab.heard()).toEqual([])
    hub.live("3000")
    expect(tab.heard()).toEqual(["live 1000"])
    hub.pass(1_000)
    expect(tab.heard()).toHaveLength(1_000)
  })

  it("sorts by time where only some ids are integers", () => {
    const { hub, tab } = sorting()
    hub.live("x")
    hub.pass(10)
    hub.live("7")
    hub.pass(100)
    expect(tab.heard()).toEqual(["live x", "live 7"])
  })
})
