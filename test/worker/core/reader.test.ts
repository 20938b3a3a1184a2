import { describe, expect, it } from "vitest"
import { HubDriver } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

function live() {
  const hub = new HubDriver()
  const tab = hub.attachLive()
  hub.pass(2_000)
  hub.page([])
  return { hub, tab }
}

function flood(hub: HubDriver, count: number): void {
  for (let id = 0; id < count; id++) hub.live(`m${id}`)
  hub.pass(100) // what comes so fast goes out together, and after a pause the next one alone again
}

describe("where a subscription stands (engine rule 10)", () => {
  it("goes with each part, and follows the pages that it takes", () => {
    const { hub, tab } = live()
    hub.live("11")
    expect(tab.after()).toBe("10")
    hub.pass(60_000)
    hub.page(["11"])
    expect(tab.after()).toBe("11")
  })

  it("is not that of the stream: a frozen tab stays where it is", () => {
    const { hub, tab } = live()
    const frozen = hub.attach({ wants: [want()] })
    hub.page([])
    frozen.isFrozen = true
    hub.live("11")
    hub.pass(60_000)
    hub.page(["11"])
    expect(tab.after()).toBe("11")
    expect(frozen.after()).toBe("10")
    frozen.thaw()
    expect(frozen.after()).toBe("11")
  })

  it("is left out while it is unknown", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    expect(tab.batches.at(-1)?.batch.parts).toStrictEqual([{ subscription: 1, entries: expect.any(String) }])
  })

  it("is where it was told to start, and not what is said later to those who did not know", () => {
    const hub = new HubDriver()
    const first = hub.attachLost()
    first.isFrozen = true
    hub.live("51")
    const tab = hub.attach({ wants: [want({ after: "now" })] })
    first.take()
    hub.page([], { cursor: "50" })
    expect(tab.after()).toBe("50")
    expect(hub.fetches).toEqual([])
  })

  it("is null at the beginning of time", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ after: null })
    expect(tab.after()).toBeNull()
  })

  it("is where its page says, from the first part on", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want(), want({ subscription: 2, after: "5" })] })
    hub.welcome()
    hub.confirm()
    expect(tab.after(1)).toBe("10")
    expect(tab.after(2)).toBe("5")
  })

  it("is where its page says also when it falls off the log before it has taken anything", () => {
    for (const from of ["rendered", "position"] as const) {
      const hub = new HubDriver()
      const tab = hub.attach({ wants: [want({ start: { from, position: { after: "10", seen: [] } } })], frozen: true })
      hub.welcome()
      hub.confirm()
      hub.page([])
      flood(hub, 1_500)
      tab.thaw()
      expect(hub.fetch.after).toBe("10")
    }
  })
})

describe("a tab that fell off the log (case 7)", () => {
  it("is told so, and catches up from where it stands, in order", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    hub.live("11")
    flood(hub, 20_000)
    expect(hub.stream().log.entries).toBeLessThanOrEqual(1_000)
    tab.take()
    expect(hub.counters).toMatchObject({ fellOff: 1 })
    expect(hub.fetch.after).toBe("10")
    tab.thaw()
    expect(tab.heard()).toEqual(["live 11", "behind", "connected"])
    hub.page(["11", "m0", "m1"])
    hub.live("new")
    expect(tab.heard()).toEqual(["page 11 m0 m1", "caught-up", "live new"])
  })

  it("costs the others nothing", () => {
    const { hub, tab } = live()
    const other = hub.attach({ wants: [want()] })
    hub.page([])
    other.heard()
    tab.isFrozen = true
    flood(hub, 3_000)
    expect(other.heard()).toHaveLength(3_000)
    tab.take()
    hub.page(["m0"])
    expect(other.heard()).toEqual([])
  })

  it("is told of the messages that it cannot have, if it has no catchUp", () => {
    const { hub, tab } = live()
    const plain = hub.attach({ wants: [want({ catchUp: null })] })
    plain.isFrozen = true
    hub.live("11")
    flood(hub, 1_500)
    plain.thaw()
    const heard = plain.heard()
    expect(heard.slice(0, 5)).toEqual(["connected", "live 11", "behind", "connected", "gap overflow"])
    expect(heard.slice(5)).toHaveLength(1_000)
    expect(heard.at(-1)).toBe("live m1499")
    expect(hub.fetches).toEqual([])
    expect(tab.heard()).toHaveLength(1_501)
  })

  it("has not, as long as the log holds what it needs next", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    flood(hub, 1_001)
    tab.thaw()
    expect(tab.heard()).toHaveLength(1_001)
    expect(hub.counters["fellOff"]).toBeUndefined()
  })

  it("by one message, has", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    flood(hub, 1_002)
    tab.thaw()
    expect(tab.heard()).toEqual(["live m0", "behind", "connected"])
  })
})

describe("a tab that fell off the log where nobody knows a place", () => {
  it("is told of the messages that it cannot have", () => {
    const hub = new HubDriver()
    const tab = hub.attachLost()
    tab.isFrozen = true
    for (let sent = 0; sent < 1_500; sent++) hub.frame({ identifier: CHAT, message: "typing" })
    tab.thaw()
    expect(tab.heard().slice(0, 6)).toEqual([
      "connected",
      "caught-up",
      'live "typing"',
      "behind",
      "connected",
      "gap overflow",
    ])
    expect(hub.fetches).toEqual([])
  })
})

describe("what was ephemeral", () => {
  it("is not given again to a tab that asks again, and shares pages which were asked for before", () => {
    const { hub } = live()
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.refuse()
    hub.pass(59_000)
    hub.attach({ wants: [want({ after: "5" })] })
    hub.frame({ identifier: CHAT, message: "typing" })
    hub.pass(1_000)
    const [, reconcile] = hub.fetches
    hub.answer({ type: "page", messages: [], hasMore: false, cursor: undefined }, reconcile?.fetch)
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "gap unauthorized", 'live "typing"', "page 6", "caught-up"])
  })

  it("is not given to a tab that came after it, and shares pages which were asked for before", () => {
    const { hub } = live()
    hub.attach({ wants: [want({ after: "5" })] })
    hub.frame({ identifier: CHAT, message: "typing" })
    const tab = hub.attach({ wants: [want({ after: "5" })] })
    hub.page(["6"])
    expect(tab.heard()).toEqual(["connected", "page 6", "caught-up"])
  })
})

describe("a batch that is taken late", () => {
  it("after its subscription has left changes nothing", () => {
    const { hub, tab } = live()
    tab.isFrozen = true
    hub.live("11")
    tab.unsubscribe()
    tab.thaw()
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 0 })
  })
})

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

describe("a tab that fell off the log before it had heard what the log told of the connection", () => {
  it("hears that it is connected", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], frozen: true })
    hub.welcome()
    hub.confirm()
    hub.page([])
    flood(hub, 1_500)
    tab.thaw()
    hub.page(["m0"])
    const heard = tab.heard()
    expect(heard.indexOf("connected")).toBeGreaterThanOrEqual(0)
    expect(heard.indexOf("connected")).toBeLessThan(heard.indexOf("page m0"))
  })

  it("hears that it is connected, without catchUp", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ catchUp: null })], frozen: true })
    hub.welcome()
    hub.confirm()
    flood(hub, 1_500)
    tab.thaw()
    expect(tab.heard()).toContain("connected")
  })

  it("hears that it is disconnected", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    tab.isFrozen = true
    hub.live("first")
    hub.close()
    hub.pass(500)
    hub.welcome()
    flood(hub, 1_500) // held: they take the log's room
    hub.close()
    hub.silence(100)
    tab.thaw()
    expect(tab.heard()).toContain("disconnected")
  })
})

describe("a tab that fell off the log before it had heard where it starts", () => {
  it.each(["now", "cursor"] as const)("catches up from there: %s", after => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after })], frozen: true })
    if (after === "now") hub.page([], { cursor: "50" })
    else hub.loaded({ v: 1, position: { after: "50", seen: [] }, epoch: 1, n: 1 })
    hub.welcome()
    hub.confirm()
    hub.page([])
    flood(hub, 1_500)
    tab.thaw()
    expect(hub.fetch.after).toBe("50")
    hub.page(["m0"])
    expect(tab.heard()).toEqual(expect.arrayContaining(["start 50", "page m0", "caught-up"]))
  })
})
