import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { CHAT, want } from "./support/want.ts"

/** One tab whose subscription has been asked for. */
function asked() {
  const hub = new HubDriver()
  const tab = hub.attach({ wants: [want()] })
  hub.welcome()
  expect(hub.sent()).toEqual(["subscribe"])
  return { hub, tab }
}

function confirmed() {
  const { hub, tab } = asked()
  hub.confirm()
  return { hub, tab }
}

function perform(hub: HubDriver, data: string): void {
  hub.put({ type: "perform", tab: 1, identifier: CHAT, data })
}

describe("a subscription on the wire", () => {
  it("is asked for once the cable is live, with the identifier as it was given", () => {
    const hub = new HubDriver()
    const identifier = '{"channel":"ChatChannel","b":null,"a":[1]}'
    hub.attach({ wants: [want({ identifier })] })
    expect(hub.drain("send")).toEqual([])
    hub.welcome()
    const text = JSON.stringify({ command: "subscribe", identifier })
    expect(hub.drain("send")).toEqual([{ type: "send", cable: hub.cable, text }])
  })

  it("is one for five tabs; later tabs are confirmed locally (case 20)", () => {
    const { hub } = confirmed()
    const tabs = [1, 2, 3, 4].map(() => hub.attach({ wants: [want()] }))
    expect(hub.sent()).toEqual([])
    for (const tab of tabs) expect(tab.heard()[0]).toBe("connected")
  })

  it("is left only after the last of them, and a second later (linger)", () => {
    const { hub, tab } = confirmed()
    const other = hub.attach({ wants: [want()] })
    tab.leave()
    hub.pass(5_000)
    expect(hub.sent()).toEqual([])
    other.unsubscribe()
    hub.pass(999)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["unsubscribe"])
  })

  it("costs a page visit nothing: who comes back within the linger finds it there", () => {
    const { hub, tab } = confirmed()
    tab.unsubscribe()
    hub.pass(999)
    tab.subscribe({})
    hub.pass(5_000)
    expect(hub.sent()).toEqual([])
  })

  it("gives who comes back within the linger nothing that came before, though the cable was lost meanwhile", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive({ catchUp: null })
    tab.unsubscribe()
    hub.reconnect()
    hub.frame({ identifier: CHAT, message: "early" })
    tab.subscribe({ subscription: 2, catchUp: null })
    hub.confirm()
    hub.frame({ identifier: CHAT, message: "later" })
    expect(tab.heard(2)).toEqual(["connected", 'live "later"'])
  })

  it("lingers as long as the application says", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], settings: { linger: 0, maxFrameBytes: 1_000 } })
    hub.welcome()
    hub.confirm()
    tab.unsubscribe()
    hub.pass(0)
    expect(hub.sent()).toEqual(["subscribe", "unsubscribe"])
  })

  it("is made again on every new cable, if it is still wanted (hellotext 9)", () => {
    const { hub, tab } = confirmed()
    const left = '{"channel":"Left"}'
    tab.subscribe({ subscription: 2, identifier: left })
    tab.unsubscribe(2)
    hub.pass(1_000)
    hub.reconnect()
    expect(hub.sent()).toEqual(["subscribe"])
    expect(hub.sent(left)).toEqual(["subscribe"])
  })

  it("is forgotten with the pause after its unsubscribe", () => {
    const { hub, tab } = confirmed()
    tab.unsubscribe()
    hub.pass(1_299)
    expect(hub.core.inspect().streams).toHaveLength(1)
    hub.pass(1)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("is forgotten at once when the cable goes while nobody wants it", () => {
    const { hub, tab } = confirmed()
    tab.unsubscribe()
    hub.pass(1_000)
    hub.close()
    expect(hub.core.inspect().streams).toEqual([])
  })
})

describe("a subscription that is given up", () => {
  it("while there is no cable is forgotten at once, with its linger", () => {
    const { hub, tab } = confirmed()
    hub.close()
    tab.unsubscribe()
    hub.silence(1_000)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("before its confirmation is not connected by that, for whoever comes while it is being left", () => {
    const { hub, tab } = asked()
    tab.unsubscribe()
    hub.pass(1_000)
    hub.confirm()
    tab.subscribe({ subscription: 2 })
    expect(tab.heard(2)).toEqual([])
  })
})

describe("commands are serialised", () => {
  it("300 ms pass between an unsubscribe and the next subscribe", () => {
    const { hub, tab } = confirmed()
    tab.unsubscribe()
    hub.pass(1_000)
    expect(hub.sent()).toEqual(["unsubscribe"])
    tab.subscribe({})
    hub.pass(299)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["subscribe"])
  })

  it("an unsubscribe waits for the confirmation of the subscribe before it", () => {
    const { hub, tab } = asked()
    tab.unsubscribe()
    hub.pass(1_000)
    expect(hub.sent()).toEqual([])
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
    expect(tab.heard()).toEqual([])
  })

  it("a subscribe that is not confirmed within 5 s is cured: unsubscribe, pause, subscribe", () => {
    const { hub } = asked()
    hub.pass(4_999)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["unsubscribe"])
    hub.pass(299)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["subscribe"])
    expect(hub.counters).toMatchObject({ confirmationsMissed: 1 })
  })

  it("a cure's confirmation may be that of what was left: it is left and asked for once more, and that counts", () => {
    const { hub, tab } = asked()
    hub.pass(5_300)
    hub.sent()
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
    hub.pass(299)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["subscribe"])
    expect(tab.heard()).toEqual([])
    hub.confirm()
    hub.page([])
    hub.pass(60_000)
    expect(hub.sent()).toEqual([])
    expect(tab.heard()).toEqual(["connected", "caught-up"])
  })

  it("a confirmation that comes within the cure's pause is that of what was left: the next one is beyond doubt", () => {
    const { hub, tab } = asked()
    hub.pass(5_100)
    hub.confirm()
    hub.pass(300)
    hub.confirm()
    hub.page([])
    hub.pass(1_000)
    expect(hub.sent()).toEqual(["unsubscribe", "unsubscribe", "subscribe"])
    expect(tab.heard()).toEqual(["connected", "caught-up"])
  })

  it("the cure is repeated for as long as it takes", () => {
    const { hub } = asked()
    hub.pass(5_300 + 5_300)
    expect(hub.sent()).toEqual(["unsubscribe", "subscribe", "unsubscribe", "subscribe"])
  })

  it("nothing is cured that was confirmed, rejected, or lost with its cable", () => {
    for (const end of ["confirm", "reject", "close"] as const) {
      const { hub } = asked()
      hub[end]()
      hub.pass(100)
      hub.silence(5_500)
      expect(hub.sent()).toEqual([])
    }
  })

  it("five quick churns end in the state last asked for, and nothing is left on the server (case 22)", () => {
    const { hub, tab } = confirmed()
    for (let churn = 0; churn < 5; churn++) {
      tab.unsubscribe()
      hub.pass(1_000)
      tab.subscribe({})
    }
    tab.unsubscribe()
    hub.pass(10_000)
    const sent = hub.sent()
    expect(sent.at(-1)).toBe("unsubscribe")
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("five quick churns that end in wanting it end subscribed (case 22)", () => {
    const { hub, tab } = confirmed()
    for (let churn = 0; churn < 5; churn++) {
      tab.unsubscribe()
      hub.pass(1_000)
      tab.subscribe({})
    }
    hub.pass(300)
    expect(hub.sent().at(-1)).toBe("subscribe")
    hub.confirm()
    expect(tab.heard().at(-1)).toBe("connected")
  })

  it("an unsubscribe that answers a late confirmation is followed by a pause of its own", () => {
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

describe("a confirmation", () => {
  it("for something already left is answered with unsubscribe (case 23)", () => {
    const { hub, tab } = asked()
    tab.unsubscribe()
    hub.pass(1_000)
    hub.close()
    hub.pass(500)
    hub.attach()
    hub.welcome()
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
    expect(hub.counters).toMatchObject({ unknownIdentifiers: 1 })
  })

  it("for something already forgotten begins a pause: who wants it within that waits for its end", () => {
    const hub = new HubDriver()
    const tab = hub.attach()
    hub.welcome()
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe"])
    tab.subscribe({})
    hub.pass(299)
    expect(hub.sent()).toEqual([])
    hub.pass(1)
    expect(hub.sent()).toEqual(["subscribe"])
    hub.confirm()
    expect(tab.heard()).toEqual(["connected"])
  })

  it("for something already forgotten leaves nothing behind", () => {
    const hub = new HubDriver()
    hub.attach()
    hub.welcome()
    hub.confirm()
    hub.pass(300)
    expect(hub.core.inspect().streams).toEqual([])
  })

  it("that comes in the pause after an unsubscribe is answered with another one (case 23)", () => {
    const { hub } = asked()
    hub.pass(5_100)
    hub.confirm()
    expect(hub.sent()).toEqual(["unsubscribe", "unsubscribe"])
  })

  it("that comes twice is told once", () => {
    const { hub, tab } = confirmed()
    tab.heard()
    hub.confirm()
    expect(tab.heard()).toEqual([])
    expect(hub.sent()).toEqual([])
  })

  it("is this identifier's own (hellotext 11)", () => {
    const { hub, tab } = asked()
    hub.confirm('{"channel":"ChatChannel","id":2}')
    expect(tab.heard()).toEqual([])
    hub.confirm()
    expect(tab.heard()).toEqual(["connected"])
  })
})

describe("a rejection", () => {
  it("after a confirmation answers a repetition: what was confirmed has been left, so it is asked for once more", () => {
    const hub = new HubDriver()
    hub.attachLive()
    hub.sent()
    hub.reject()
    expect(hub.sent()).toEqual(["unsubscribe"])
    hub.pass(300)
    expect(hub.sent()).toEqual(["subscribe"])
  })

  it("that comes in the pause after an unsubscribe is that of what was left: it is asked for once more", () => {
    const { hub, tab } = asked()
    hub.pass(5_100)
    hub.reject()
    expect(tab.heard()).toEqual([])
    hub.sent()
    hub.pass(200)
    expect(hub.sent()).toEqual(["subscribe"])
    hub.reject()
    expect(tab.heard()).toEqual(["rejected"])
  })

  it("reaches every subscription that asked", () => {
    const { hub, tab } = asked()
    const other = hub.attach({ wants: [want({ catchUp: null })] })
    hub.reject()
    expect(tab.heard()).toEqual(["rejected"])
    expect(other.heard()).toEqual(["rejected"])
  })

  it("ends the subscription once it has been told: nothing of it is left", () => {
    const { hub } = asked()
    hub.reject()
    expect(hub.core.inspect().tabs).toMatchObject([{ subscriptions: 0 }])
    hub.pass(1_000)
    expect(hub.core.inspect().streams).toEqual([])
    expect(hub.sent()).toEqual([])
  })

  it("is tried once more with new credentials, where there are any", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    hub.reject()
    expect(hub.drain("ask")).toMatchObject([{ tab: 1, question: { reason: "rejected" } }])
    expect(hub.sent()).toEqual(["subscribe"])
    hub.reply({ url: URL, headers: {} })
    expect(hub.sent()).toEqual(["subscribe"])
    expect(tab.heard()).toEqual([])
    hub.reject()
    expect(hub.drain("ask")).toEqual([])
    expect(tab.heard()).toEqual(["rejected"])
  })

  it("after a confirmation has its own second try", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    for (let round = 0; round < 2; round++) {
      hub.reject()
      expect(hub.drain("ask")).toHaveLength(1)
      hub.reply({ url: URL, headers: {} })
      hub.confirm()
      hub.reconnect()
    }
  })

  it("does not keep others from asking again", () => {
    const { hub } = asked()
    hub.reject()
    const other = hub.attach({ wants: [want()] })
    expect(hub.sent()).toEqual(["subscribe"])
    hub.confirm()
    expect(other.heard()[0]).toBe("connected")
  })

  it("that comes for nothing is taken for nothing", () => {
    const { hub, tab } = confirmed()
    tab.heard()
    hub.reject()
    hub.reject('{"channel":"Unknown"}')
    expect(tab.heard()).toEqual([])
  })

  it("of something already left ends it without a word", () => {
    const { hub, tab } = asked()
    tab.unsubscribe()
    hub.pass(1_000)
    hub.reject()
    expect(hub.core.inspect().streams).toEqual([])
    expect(tab.heard()).toEqual([])
  })

  it("whose answer of credentials comes when its channel has been left and made anew leaves the new one alone", () => {
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

  it("makes one subscribe of it when a tab joins while credentials are asked for", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()], credentials: true })
    hub.welcome()
    hub.reject()
    hub.attach({ wants: [want()] })
    hub.reply({ url: URL, headers: {} })
    expect(hub.sent()).toEqual(["subscribe", "subscribe"])
  })

  it("is told to a frozen tab once, however many others are rejected after it", () => {
    const hub = new HubDriver()
    const frozen = hub.attach({ wants: [want()], frozen: true })
    hub.welcome()
    hub.reject()
    hub.attach({ wants: [want()] })
    hub.reject()
    frozen.thaw()
    expect(frozen.heard()).toEqual(["rejected"])
  })

  it("gives a subscription that asks later its own second try", () => {
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

describe("a perform", () => {
  it("goes out as it was given", () => {
    const { hub } = confirmed()
    hub.sent()
    perform(hub, '{"action":"speak"}')
    expect(hub.commands()).toEqual([{ command: "message", identifier: CHAT, data: '{"action":"speak"}' }])
  })

  it("waits for the confirmation that is due, and keeps its order", () => {
    const { hub } = asked()
    for (const data of ["1", "2", "3"]) perform(hub, data)
    expect(hub.sent()).toEqual([])
    hub.confirm()
    expect(hub.commands()).toMatchObject([{ data: "1" }, { data: "2" }, { data: "3" }])
  })

  it("waits with 255 others at most; what is beyond is counted", () => {
    const { hub } = asked()
    for (let count = 0; count < 257; count++) perform(hub, `${count}`)
    expect(hub.counters).toMatchObject({ performsDropped: 1 })
    hub.confirm()
    expect(hub.sent()).toHaveLength(256)
  })

  it("without a live cable, or for something unknown, goes nowhere", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    perform(hub, "1")
    expect(hub.counters).toMatchObject({ performsDropped: 1 })
    hub.welcome()
    hub.confirm()
    hub.put({ type: "perform", tab: 1, identifier: "unknown", data: "2" })
    expect(hub.sent()).toEqual(["subscribe"])
    expect(hub.drain("send")).toEqual([])
  })

  it("is not sent again on a new cable", () => {
    const { hub } = asked()
    perform(hub, "1")
    hub.reconnect()
    hub.confirm()
    expect(hub.sent()).toEqual(["subscribe"])
    expect(hub.counters).toMatchObject({ performsDropped: 1 })
  })

  it("waits for the confirmation also in the pause after an unsubscribe", () => {
    const { hub } = asked()
    hub.pass(5_100)
    perform(hub, "1")
    hub.pass(200)
    hub.confirm()
    hub.pass(300)
    hub.confirm()
    expect(hub.commands().at(-1)).toMatchObject({ command: "message", data: "1" })
  })

  it("outlives the cure of a confirmation that is missed", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.welcome()
    hub.put({ type: "perform", tab: 1, identifier: CHAT, data: "{}" })
    hub.pass(5_300)
    hub.confirm()
    expect(hub.sent()).toEqual(["subscribe", "unsubscribe", "subscribe", "unsubscribe"])
    hub.pass(300)
    hub.confirm()
    expect(hub.sent()).toEqual(["subscribe", "message"])
  })
})

describe("frames after an unsubscribe", () => {
  it("reach nobody, and are counted", () => {
    const { hub, tab } = confirmed()
    tab.unsubscribe()
    hub.pass(1_000)
    hub.live("11")
    expect(hub.counters).toMatchObject({ framesAfterLeaving: 1 })
    hub.pass(300)
    hub.live("12")
    expect(hub.counters).toMatchObject({ framesAfterLeaving: 1, unknownIdentifiers: 1 })
  })
})
