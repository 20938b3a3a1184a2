// The cases of the design (cases.md) that one hub can show, each as it is told there.

import { describe, expect, it } from "vitest"
import type { Row } from "../../../worker/core/event.ts"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { CHAT, want, type WantOptions } from "./support/want.ts"

function live(options: WantOptions = {}) {
  const hub = new HubDriver()
  const tab = hub.attachLive(options)
  return { hub, tab }
}

function ids(heard: readonly string[]): string[] {
  return heard.flatMap(entry => (/^(page|live) /.test(entry) ? entry.split(" ").slice(1) : []))
}

describe("traps of others", () => {
  it("14: a crash between delivery and cursor write loses nothing, and two hubs never move a cursor back", () => {
    const { hub } = live()
    hub.live("11")
    hub.pass(50)
    const row = hub.saved().at(-1) as Row
    expect(row.position).toEqual({ after: "10", seen: ["11"] })
    const second = new HubDriver(2)
    const tab = second.attach({ wants: [want({ after: "cursor" })] })
    second.loaded(row)
    second.welcome()
    second.confirm()
    expect(second.fetch.after).toBe("10")
    second.page(["11", "12"])
    expect(ids(tab.heard())).toEqual(["12"])
    second.pass(50)
    for (const written of second.saved()) expect(written.epoch).toBe(2)
  })

  it("15: a message that arrives while a tab is joining, and an id that arrives late, are each shown", () => {
    const { hub, tab } = live()
    const joining = hub.attach({ wants: [want()] })
    hub.live("12")
    hub.live("11")
    hub.page([])
    expect(ids(joining.heard())).toEqual(["12", "11"])
    expect(ids(tab.heard())).toEqual(["12", "11"])
  })

  it("16: live 15 arrives while catch-up fails and the cable drops again: the next request asks after 10", () => {
    const { hub } = live()
    hub.reconnect()
    hub.confirm()
    hub.fail()
    hub.pass(10_000)
    hub.live("15")
    expect(hub.stream().cursor).toEqual({ after: "10", seen: 1 })
    hub.reconnect()
    hub.confirm()
    expect(hub.fetch.after).toBe("10")
  })

  it("17: live 15 before the confirmation, HTTP returns 11…15: every tab sees 11…15, in order", () => {
    const hub = new HubDriver()
    const tabs = [1, 2, 3].map(() => hub.attach({ wants: [want()] }))
    hub.welcome()
    hub.live("15")
    hub.confirm()
    hub.page(["11", "12", "13", "14", "15"])
    for (const tab of tabs) expect([...new Set(ids(tab.heard()))]).toEqual(["11", "12", "13", "14", "15"])
  })

  it("18: three pages with a 503 and its Retry-After in the middle; then 410: a gap", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    hub.page(["11"], { more: true })
    hub.fail(7_000)
    hub.pass(6_999)
    expect(hub.fetches).toEqual([])
    hub.pass(1)
    hub.page(["12"], { more: true })
    hub.page(["13"])
    expect(tab.heard()).toEqual(["connected", "page 11", "page 12", "page 13", "caught-up"])
    hub.reconnect()
    hub.confirm()
    hub.gone()
    hub.page([], { cursor: "90" })
    expect(tab.heard().at(-1)).toBe("gap history-unavailable")
  })

  it("19: eight tabs with an expired token: one refresh; a second refusal is told, not looped", () => {
    const hub = new HubDriver()
    const tabs = Array.from({ length: 8 }, () => hub.attach({ wants: [want()], credentials: true }))
    hub.welcome()
    hub.confirm()
    hub.refuse()
    expect(hub.drain("ask")).toHaveLength(1)
    hub.reply({ url: URL, headers: { Authorization: "new" } })
    hub.refuse()
    hub.pass(600_000)
    expect(hub.drain("ask")).toEqual([])
    expect(hub.fetches).toEqual([])
    for (const tab of tabs) expect(tab.heard()).toEqual(["connected", "gap unauthorized"])
  })

  it("20: five tabs on one identifier: one subscribe; unsubscribe only after the last", () => {
    const hub = new HubDriver()
    const tabs = Array.from({ length: 5 }, () => hub.attach({ wants: [want()] }))
    hub.welcome()
    hub.confirm()
    for (const tab of tabs) {
      expect(hub.sent().filter(command => command !== "subscribe")).toEqual([])
      tab.leave()
      hub.pass(100)
    }
    hub.pass(900)
    expect(hub.sent()).toEqual(["unsubscribe"])
  })

  it("21: an open-but-dead socket after sleep is found within 6 s of a tab becoming visible", () => {
    const { hub, tab } = live()
    hub.sleep(8 * 3_600_000)
    hub.ping()
    tab.wake()
    hub.silence(6_000)
    expect(hub.state).not.toBe("live")
    expect(tab.heard()).toContain("disconnected")
  })

  it("22: five quick subscribe/unsubscribe churns end in the state last asked for", () => {
    const { hub, tab } = live()
    for (let churn = 0; churn < 5; churn++) {
      tab.unsubscribe()
      tab.subscribe({})
    }
    hub.pass(2_000)
    expect(hub.sent()).toEqual(["subscribe"])
    tab.unsubscribe()
    hub.pass(2_000)
    expect(hub.sent()).toEqual(["unsubscribe"])
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("23: a confirmation for something already left is answered with unsubscribe", () => {
    const { hub, tab } = live()
    tab.unsubscribe()
    hub.pass(1_300)
    hub.sent()
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
  })

  it("24: falsy messages are delivered, the identifier's key order is kept", () => {
    const hub = new HubDriver()
    const identifier = '{"z":1,"channel":"Z","a":2}'
    const tab = hub.attachLive({ identifier, catchUp: null })
    hub.confirm(identifier)
    for (const message of [0, "", false, null, "text"]) hub.frame({ identifier, message })
    expect(tab.wire().flatMap(entry => (entry[0] === "live" ? [entry[3]] : []))).toEqual([0, "", false, null, "text"])
    expect(hub.sent(identifier)).toEqual(["subscribe"])
  })

  it("25: a callback that throws counts as taken: the others and the next message are untouched", () => {
    const { hub, tab } = live()
    const other = hub.attach({ wants: [want()] })
    hub.page([])
    for (const id of ["11", "12"]) hub.live(id)
    expect(ids(tab.heard())).toEqual(["11", "12"])
    expect(ids(other.heard())).toEqual(["11", "12"])
  })

  it("26: 50,000 frames in a burst: no false staleness, memory bounded, order kept", () => {
    const { hub, tab } = live()
    tab.ms = 30
    hub.flushes = false
    const heard: number[] = []
    for (let id = 0; id < 50_000; id++) {
      hub.live(`${id}`)
      if (id % 500 !== 499) continue
      hub.now += 100
      hub.flush()
      hub.put({ type: "tick" })
      for (const seen of ids(tab.heard())) heard.push(Number(seen))
    }
    expect(heard.length).toBeGreaterThan(1_000)
    expect(heard).toEqual(heard.toSorted((a, b) => a - b))
    expect(hub.state).toBe("live")
    expect(hub.stream().log.entries).toBeLessThanOrEqual(1_000)
    expect(hub.stream().cursor.seen).toBeLessThanOrEqual(2_048)
  })

  it("28: back a day later with the cursor: exactly what was missed, paged", () => {
    const { hub } = live()
    hub.pass(2_000)
    hub.page(["11", "12"])
    hub.pass(50)
    const row = hub.saved().at(-1) ?? null
    const later = new HubDriver(2)
    later.now = 86_400_000
    const tab = later.attach({ wants: [want({ after: "cursor", catchUp: { limit: 2 } })] })
    later.loaded(row)
    later.welcome()
    later.confirm()
    later.page(["13", "14"], { more: null })
    later.page(["15"], { more: null })
    expect(tab.heard()).toEqual(["start 12", "connected", "page 13 14", "page 15", "caught-up"])
  })

  it("29: a message persisted but never broadcast, on a cable that never drops, arrives within reconcileEvery", () => {
    const { hub } = live()
    hub.pass(2_000)
    hub.page([])
    const tabs = [...hub.tabs.values(), hub.attach({ wants: [want()] })]
    hub.page([])
    for (const tab of tabs) tab.heard()
    hub.pass(60_000)
    hub.page(["11"])
    for (const tab of tabs) expect(ids(tab.heard())).toEqual(["11"])
    expect(hub.state).toBe("live")
  })

  it("30: the same payload twice, without catchUp, arrives twice, as with Rails", () => {
    const { hub, tab } = live({ catchUp: null })
    for (let copy = 0; copy < 2; copy++) hub.frame({ identifier: CHAT, message: { id: 42, status: "read" } })
    expect(tab.wire()).toEqual([1, 2].map(() => ["live", null, null, { id: 42, status: "read" }]))
  })

  it("34: an empty chat with `after: null`: the first message, created before the confirmation, is delivered", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: null })] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBeNull()
    hub.page(["1"])
    expect(ids(tab.heard())).toEqual(["1"])
  })

  it("35: a row that committed late, below the last rendered id, is found: the page passed what it had rendered", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want({ after: ["10", "12", "13"] })] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetch.after).toBe("10")
    hub.page(["11", "12", "13", "14"])
    expect(ids(tab.heard())).toEqual(["11", "14"])
  })
})

describe("holes of the system that this one replaces", () => {
  it("catch-up runs on the first confirmation too, also for an empty chat", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want({ after: [] })] })
    hub.welcome()
    hub.confirm()
    expect(hub.fetches).toHaveLength(1)
  })

  it("a catch-up that fails is tried again, and the next live message does not move the cursor past the hole", () => {
    const { hub } = live()
    hub.reconnect()
    hub.confirm()
    hub.fail()
    hub.live("20")
    hub.pass(10_000)
    expect(hub.stream().cursor.after).toBe("10")
    expect(hub.fetch.after).toBe("10")
  })

  it("a reconnect during a hanging catch-up is not dropped: it asks anew", () => {
    const { hub } = live()
    for (let flap = 0; flap < 3; flap++) {
      hub.reconnect()
      hub.confirm()
      expect(hub.fetch.after).toBe("10")
    }
  })

  it("a conversation switch is deaf to nothing: the old one is left and the new one joined at once", () => {
    const { hub, tab } = live()
    const next = '{"channel":"ChatChannel2","id":2}'
    tab.unsubscribe(1)
    tab.subscribe({ subscription: 2, identifier: next, after: "20" })
    expect(hub.sent(next)).toEqual(["subscribe"])
    hub.confirm(next)
    hub.page(["21"])
    expect(tab.heard(2)).toEqual(["connected", "page 21", "caught-up"])
    hub.pass(1_000)
    expect(hub.sent()).toEqual(["subscribe", "unsubscribe"])
  })
})
