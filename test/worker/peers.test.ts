import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { BRIDGE_VERSION } from "../../shared/bridge.ts"
import { namesOf } from "../../shared/identity.ts"
import { isNewer, Peers } from "../../worker/peers.ts"

let count = 0
let told: string[]

beforeEach(() => {
  count += 1
  told = []
})

/** A hub's end of the channel, which notes what it is told. */
function peer(build: string, bridge = BRIDGE_VERSION): Peers {
  const peers = new Peers(namesOf(`trunkline/${bridge}/peers-test-${count}`), build, {
    forgotten: epoch => told.push(`${build} forgotten ${epoch}`),
    outdated: () => told.push(`${build} outdated`),
  })
  onTestFinished(() => peers.close())
  return peers
}

/** Long enough for what was posted to arrive. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setTimeout(resolve, 1))
}

describe("builds of several versions (case 9)", () => {
  it("are told apart by version alone, and only a strictly higher one is newer", () => {
    for (const [build, other] of [
      ["0.2.0+aa", "0.1.9+bb"],
      ["1.0.0", "0.99.99"],
      ["0.10.0+aa", "0.9.0+bb"],
      ["0.1.1-rc.1+aa", "0.1.0+bb"],
    ] as const) {
      expect(isNewer(build, other)).toBe(true)
      expect(isNewer(other, build)).toBe(false)
    }
    expect(isNewer("0.1.0+aa", "0.1.0+bb")).toBe(false)
    expect(isNewer("nonsense", "0.1.0+bb")).toBe(false)
    expect(isNewer("9", "0.1.0+bb")).toBe(true)
    expect(isNewer("undefined", "0.1.0")).toBe(false)
  })

  it("give way to a newer one that waits, at once or when the older one becomes active", async () => {
    const [older, newer] = [peer("0.1.0+a"), peer("0.2.0+b")]
    older.say("active")
    await settled()
    newer.say("waiting")
    await settled()
    expect(told).toEqual(["0.1.0+a outdated"])
    older.say("waiting")
    older.say("active")
    await settled()
    expect(told).toEqual(["0.1.0+a outdated", "0.1.0+a outdated"])
  })

  it("do not give way to an equal or older one, nor while they wait themselves", async () => {
    const hub = peer("0.2.0+a")
    hub.say("active")
    for (const build of ["0.2.0+b", "0.1.0+c"]) peer(build).say("waiting")
    const waiting = peer("0.1.0+d")
    waiting.say("waiting")
    peer("0.3.0+e", BRIDGE_VERSION).say("active")
    await settled()
    expect(told).toEqual([])
  })

  it("do not give way to a page that has no part in the queue", async () => {
    peer("0.2.0+page")
    peer("0.1.0+a").say("active")
    await settled()
    expect(told).toEqual([])
  })
})

describe("a log-out (engine rule 16)", () => {
  it("is heard by hubs of every role and bridge version, and by nobody else's", async () => {
    peer("waiting").say("waiting")
    peer("active").say("active")
    peer("page")
    peer("other bridge", 99)
    const own = peer("own")
    count += 1
    peer("other identity")
    own.forgotten(7)
    await settled()
    expect(told.toSorted()).toEqual(["active", "other bridge", "page", "waiting"].map(build => `${build} forgotten 7`))
  })
})

describe("what is none of the hubs' words", () => {
  it("is ignored", async () => {
    peer("0.1.0").say("active")
    const channel = new BroadcastChannel(namesOf(`trunkline/1/peers-test-${count}`).peers)
    onTestFinished(() => channel.close())
    for (const nonsense of [null, 7, "forgotten", {}, { type: "forgotten", epoch: "x" }, { type: "waiting" }]) {
      channel.postMessage(nonsense)
    }
    channel.postMessage({ type: "waiting", bridge: 99, build: "9.0.0" })
    channel.postMessage({ type: "waiting", bridge: BRIDGE_VERSION })
    await settled()
    expect(told).toEqual([])
  })
})
