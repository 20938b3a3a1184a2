import { describe, expect, it } from "vitest"
import { HubDriver, URL } from "./support/hub-driver.ts"
import { want } from "./support/want.ts"

/** A hub whose one tab wants the cable; it has been dialled. */
function opening(random = 0.5, staleAfter?: number) {
  const hub = new HubDriver(1, staleAfter)
  hub.random = random
  const tab = hub.attach()
  hub.drain("dial")
  return { hub, tab }
}

function live(random = 0.5, staleAfter?: number) {
  const { hub, tab } = opening(random, staleAfter)
  hub.welcome()
  return { hub, tab }
}

/** @returns how long it takes until the cable is dialled again */
function waitOf(hub: HubDriver): number {
  const before = hub.now
  hub.silence((hub.alarm ?? NaN) - hub.now)
  expect(hub.drain("dial")).toHaveLength(1)
  return hub.now - before
}

describe("the cable", () => {
  it("is opened at once, by the first tab that wants it", () => {
    const hub = new HubDriver()
    hub.attach({ open: false })
    expect(hub.drain("dial")).toEqual([])
    hub.attach({ subprotocols: ["one"] })
    expect(hub.drain("dial")).toEqual([{ type: "dial", cable: expect.any(Number), url: URL, subprotocols: ["one"] }])
    expect(hub.state).toBe("opening")
  })

  it("is one, however many tabs want it (promise 1)", () => {
    const { hub } = opening()
    hub.attach()
    hub.welcome()
    hub.attach()
    expect(hub.drain("dial")).toEqual([])
    expect(hub.drain("drop")).toEqual([])
  })

  it("is not opened before the hub holds the mutex", () => {
    const hub = new HubDriver(null)
    hub.attach()
    expect(hub.drain("dial")).toEqual([])
    hub.put({ type: "began", epoch: 7 })
    expect(hub.drain("dial")).toHaveLength(1)
  })

  it("is live with the server's welcome, not with the socket's opening", () => {
    const { hub, tab } = opening()
    hub.ping()
    expect(hub.state).toBe("opening")
    hub.welcome()
    expect(hub.state).toBe("live")
    expect(tab.cable).toBe("live")
    expect(hub.core.inspect().socket).toEqual({ state: "live", opened: 1, reason: null })
  })

  it("is given 10 s to be welcomed, from the dial on", () => {
    const { hub } = opening()
    hub.silence(9_999)
    expect(hub.state).toBe("opening")
    hub.silence(1)
    expect(hub.state).toBe("waiting")
    expect(hub.drain("drop")).toHaveLength(1)
  })

  it("takes a second welcome for nothing", () => {
    const { hub } = live()
    hub.frame({ type: "welcome" })
    expect(hub.core.inspect().socket.opened).toBe(1)
  })

  it("is closed a second after the last tab stopped wanting it, whatever tabs do that do not want it", () => {
    const { hub, tab } = live()
    hub.put({ type: "open", tab: tab.key, wanted: false })
    hub.pass(900)
    hub.attach({ open: false })
    hub.pass(100)
    expect(hub.state).toBe("idle")
  })

  it("is closed a second after the last tab stopped wanting it, and dropped whatever its state", () => {
    for (const { hub, tab } of [opening(), live()]) {
      tab.leave()
      hub.pass(999)
      expect(hub.state).not.toBe("idle")
      hub.pass(1)
      expect(hub.state).toBe("idle")
      expect(hub.drain("drop")).toEqual([{ type: "drop", cable: hub.cable }])
    }
  })

  it("outlives a page visit", () => {
    const { hub, tab } = live()
    tab.leave()
    hub.pass(900)
    hub.attach()
    hub.pass(10_000)
    expect(hub.state).toBe("live")
    expect(hub.drain("dial")).toEqual([])
  })

  it("follows a tab that changes its mind", () => {
    const { hub } = live()
    hub.put({ type: "open", tab: 1, wanted: false })
    hub.pass(1_000)
    expect(hub.state).toBe("idle")
    hub.put({ type: "open", tab: 1, wanted: true })
    expect(hub.state).toBe("opening")
    hub.put({ type: "open", tab: 99, wanted: false })
    hub.pass(1_000)
    expect(hub.state).toBe("opening")
  })

  it("hears nothing of a cable that is no longer its own", () => {
    const { hub } = live()
    const old = hub.cable
    hub.reconnect()
    hub.close(old)
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false }, old)
    expect(hub.state).toBe("live")
  })

  it("hears nothing of an old cable while a new one opens", () => {
    const { hub } = live()
    const old = hub.cable
    hub.close()
    hub.silence(500)
    expect(hub.state).toBe("opening")
    hub.frame({ type: "welcome" }, old)
    expect(hub.state).toBe("opening")
  })
})

describe("a lost cable", () => {
  it("is opened again within half a second, jittered", () => {
    for (const [random, wait] of [
      [0, 0],
      [0.5, 250],
      [0.999, 499.5],
    ] as const) {
      const { hub } = live(random)
      hub.close()
      expect(hub.state).toBe("waiting")
      expect(waitOf(hub)).toBe(wait)
    }
  })

  it("waits up to twice as long after each failure, and never more than 10 s", () => {
    const { hub } = live(1)
    hub.close()
    const waits = [waitOf(hub)]
    for (let failure = 1; failure < 8; failure++) {
      hub.close()
      waits.push(waitOf(hub))
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
  })

  it("counts as open again with the welcome only: a server that accepts and closes is not hit for ever", () => {
    const { hub } = live(1)
    hub.close()
    waitOf(hub)
    hub.ping()
    hub.close()
    expect(waitOf(hub)).toBe(1_000)
    hub.welcome()
    hub.close()
    expect(waitOf(hub)).toBe(500)
  })

  it("counts a welcome that did not come like any failure", () => {
    const { hub } = opening(1)
    hub.silence(10_000)
    expect(waitOf(hub)).toBe(1_000)
  })

  it("is opened at once when a page wakes, and goes on counting its failures", () => {
    const { hub, tab } = opening(1)
    hub.close()
    hub.close()
    hub.silence(100)
    tab.wake()
    expect(hub.drain("dial")).toHaveLength(1)
    hub.close()
    expect(waitOf(hub)).toBe(2_000)
  })

  it("is not opened because a page went out of sight", () => {
    const { hub, tab } = opening()
    hub.close()
    tab.wake(false)
    expect(hub.drain("dial")).toEqual([])
  })

  it("drops what is left of it", () => {
    const { hub } = live()
    const { cable } = hub
    hub.close()
    expect(hub.drain("drop")).toEqual([{ type: "drop", cable }])
  })
})

describe("a silent cable", () => {
  it("is dead after two missed pings: 6 s from its last frame, and not before", () => {
    const { hub } = live()
    hub.pass(3_000)
    hub.silence(5_999)
    expect(hub.state).toBe("live")
    hub.silence(1)
    expect(hub.state).toBe("waiting")
    expect(hub.drain("drop")).toHaveLength(1)
  })

  it("is dead when a page that has its own cable says so", () => {
    const { hub } = live(0.5, 2_000)
    hub.silence(1_999)
    expect(hub.state).toBe("live")
    hub.silence(1)
    expect(hub.state).toBe("waiting")
  })

  it("lives by any frame: messages, confirmations, garbage", () => {
    const { hub } = live()
    const frames = ["garbage", { identifier: "x", message: 1 }, { identifier: "x", type: "reject_subscription" }]
    for (const frame of frames) {
      hub.silence(5_999)
      hub.frame(frame)
    }
    hub.silence(5_999)
    expect(hub.state).toBe("live")
  })

  it("that dies while the machine sleeps is found out half of that time after it woke", () => {
    const { hub } = live()
    hub.sleep(3_600_000)
    expect(hub.state).toBe("live")
    hub.silence(2_999)
    expect(hub.state).toBe("live")
    hub.silence(1)
    expect(hub.state).toBe("waiting")
  })

  it("is not taken for dead by a hub that slept, if frames were waiting", () => {
    const { hub } = live()
    hub.sleep(60_000)
    hub.ping()
    hub.silence(5_999)
    expect(hub.state).toBe("live")
    hub.silence(1)
    expect(hub.state).toBe("waiting")
  })

  it("is not taken for dead by a hub that slept before it had heard more than the welcome", () => {
    const hub = new HubDriver()
    hub.attach({ wants: [want()] })
    hub.frame({ type: "welcome" })
    hub.sleep(60_000)
    expect(hub.state).toBe("live")
    hub.silence(3_000)
    expect(hub.state).toBe("waiting")
  })

  it("is found dead by a hub whose every deadline comes late, as in a hidden page", () => {
    const { hub } = live()
    hub.sleep(7_000)
    expect(hub.state).toBe("live")
    hub.sleep(3_900)
    expect(hub.state).toBe("waiting")
  })

  it("is judged as usual by a tick that is half a second late, as busy machines' are", () => {
    const { hub } = live()
    hub.sleep(6_500)
    expect(hub.state).toBe("waiting")
    const other = live().hub
    other.sleep(6_501)
    expect(other.state).toBe("live")
  })

  it("does not count its pings before the sleep as life beyond their arrival (case 21)", () => {
    const { hub, tab } = live()
    hub.pass(2_000)
    hub.sleep(600_000)
    tab.wake()
    hub.silence(6_000)
    expect(hub.state).not.toBe("live")
  })
})

describe("a disconnect frame", () => {
  it("is followed by a reconnect where the server allows it: 0 to 500 ms, not 6 s of silence", () => {
    const { hub } = live(1)
    hub.frame({ type: "disconnect", reason: "server_restart", reconnect: true })
    expect(hub.state).toBe("waiting")
    expect(hub.drain("drop")).toHaveLength(1)
    expect(waitOf(hub)).toBe(500)
  })

  it("is final where it does not", () => {
    const { hub, tab } = live()
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    expect(hub.core.inspect().socket).toMatchObject({ state: "refused", reason: "remote" })
    expect(tab.cable).toBe("refused")
    expect(hub.drain("drop")).toHaveLength(1)
    tab.wake()
    hub.silence(600_000)
    expect(hub.drain("dial")).toEqual([])
  })

  it("is final until a page attaches", () => {
    const { hub } = live()
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    hub.attach({ open: false })
    expect(hub.drain("dial")).toHaveLength(1)
    expect(hub.core.inspect().socket).toMatchObject({ state: "opening", reason: null })
  })

  it("is final until a page connects", () => {
    const { hub } = live()
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    hub.put({ type: "open", tab: 1, wanted: true })
    expect(hub.drain("dial")).toHaveLength(1)
  })

  it("stays final when nobody wants the cable, whoever attaches", () => {
    const { hub } = live()
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    hub.put({ type: "open", tab: 1, wanted: false })
    hub.pass(1_000)
    hub.attach({ open: false })
    expect(hub.drain("dial")).toEqual([])
  })

  it("for want of authorisation is tried once more with new credentials, then it is final", () => {
    const { hub } = opening()
    hub.attach({ credentials: true })
    const refuse = () => hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
    refuse()
    expect(hub.drain("ask")).toMatchObject([{ tab: 2, question: { reason: "unauthorized" } }])
    expect(hub.state).toBe("opening")
    hub.reply({ url: "wss://example.test/cable?token=2", headers: {} })
    expect(hub.drain("dial")).toMatchObject([{ url: "wss://example.test/cable?token=2" }])
    refuse()
    expect(hub.drain("ask")).toEqual([])
    expect(hub.state).toBe("refused")
  })

  it("for want of authorisation asks anew after each welcome", () => {
    const { hub } = opening()
    hub.attach({ credentials: true })
    for (let round = 0; round < 2; round++) {
      hub.welcome()
      hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
      expect(hub.drain("ask")).toHaveLength(1)
      hub.reply({ url: URL, headers: {} })
    }
  })

  it("for want of authorisation is final at once where nobody has credentials", () => {
    const { hub } = opening()
    hub.frame({ type: "disconnect", reason: "unauthorized", reconnect: false })
    expect(hub.state).toBe("refused")
  })

  it("for another reason does not ask for credentials", () => {
    const { hub } = opening()
    hub.attach({ credentials: true })
    hub.frame({ type: "disconnect", reason: "invalid_request", reconnect: false })
    expect(hub.drain("ask")).toEqual([])
    expect(hub.state).toBe("refused")
  })
})

describe("reopen", () => {
  it("renews the cable for every tab, at most once per 5 s", () => {
    const { hub, tab } = live()
    const { cable } = hub
    hub.put({ type: "reopen", tab: 1 })
    expect(hub.drain("drop")).toEqual([{ type: "drop", cable }])
    expect(hub.drain("dial")).toHaveLength(1)
    expect(tab.cable).toBe("opening")
    hub.welcome()
    hub.pass(4_999)
    hub.put({ type: "reopen", tab: 1 })
    expect(hub.drain("dial")).toEqual([])
    hub.pass(1)
    hub.put({ type: "reopen", tab: 1 })
    expect(hub.drain("dial")).toHaveLength(1)
  })

  it("opens nothing that nobody wants", () => {
    const hub = new HubDriver()
    hub.attach({ open: false })
    hub.put({ type: "reopen", tab: 1 })
    expect(hub.drain("dial")).toEqual([])
  })
})

describe("subscriptions of a cable", () => {
  it("hear that it is lost, and whether anybody will try again", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.close()
    expect(tab.heard()).toEqual(["disconnected"])
    hub.pass(500)
    hub.welcome()
    hub.confirm()
    tab.heard()
    hub.frame({ type: "disconnect", reason: "remote", reconnect: false })
    expect(tab.heard()).toEqual(["disconnected for good"])
  })

  it("hear nothing of attempts that fail", () => {
    const hub = new HubDriver()
    const tab = hub.attachLive()
    hub.close()
    tab.heard()
    hub.pass(500)
    hub.close()
    hub.pass(10_000)
    expect(tab.heard()).toEqual([])
  })

  it("are told for good when the cable is closed because nobody minds any more", () => {
    const hub = new HubDriver()
    const tab = hub.attach({ wants: [want()] })
    hub.welcome()
    hub.confirm()
    tab.heard()
    hub.put({ type: "open", tab: 1, wanted: false })
    hub.pass(1_000)
    expect(tab.heard()).toEqual(["disconnected for good"])
  })
})

describe("clocks (case 27)", () => {
  it("a server whose clock steps back or ahead an hour causes neither a reconnect nor a stuck timer", () => {
    const { hub } = live()
    for (const at of [0, 1e9, 1e12, -1e12]) {
      hub.silence(3_000)
      hub.frame({ type: "ping", message: at })
    }
    expect(hub.state).toBe("live")
    expect(hub.drain("dial")).toEqual([])
    hub.silence(6_000)
    expect(hub.state).toBe("waiting")
  })

  it("a hub clock that jumps ahead gives the server three seconds to speak", () => {
    const { hub } = live()
    hub.sleep(3_600_000)
    hub.pass(60_000)
    expect(hub.state).toBe("live")
    expect(hub.drain("dial")).toEqual([])
  })

  it("an alarm that comes early is given again", () => {
    const { hub } = live()
    hub.now = 5_999.5
    hub.drain("alarm")
    hub.put({ type: "tick" })
    expect(hub.drain("alarm")).toEqual([{ type: "alarm", at: 6_000 }])
  })
})
