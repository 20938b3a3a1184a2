// Sentences that do not hold yet; each moves to hub.test.ts once it does.

import { beforeEach, describe, expect, it } from "vitest"
import { namesOf, type HubNames } from "../../shared/identity.ts"
import { Hub } from "../../worker/hub.ts"
import { want } from "./core/support/want.ts"
import { ManualClock } from "./support/manual-clock.ts"
import { MapStore } from "./support/map-store.ts"
import { Page } from "./support/page.ts"

let names: HubNames
let store: MapStore
let count = 0

beforeEach(() => {
  count += 1
  names = namesOf(`trunkline/1/hub-failing-${count}`)
  store = new MapStore()
})

function start(): Hub {
  return new Hub({ host: "page", names, build: "1.0.0+test", clock: new ManualClock(), store })
}

describe("a port on which connect fires twice (case 3)", () => {
  it("is one tab, and gets each message once", async () => {
    const hub = start()
    const page = new Page(hub)
    hub.connect(page.port)
    await page.attach({ wants: [want({ catchUp: null })] })
    expect((await page.hub.inspect()).tabs).toHaveLength(1)
    expect(page.batches).toHaveLength(1)
  })
})

describe("an epoch that is being taken", () => {
  it("is taken again when a page has meanwhile heard of a higher one (engine rule 17)", async () => {
    const hub = start()
    const [page, other] = [new Page(hub), new Page(hub)]
    await Promise.all([page.active(), other.active()])
    let ready = () => {}
    store.ready = new Promise(resolve => (ready = resolve))
    await page.attach({ epoch: 5_000_000 })
    await other.attach({ epoch: 6_000_000 })
    ready()
    await other.until(() => (other.hellos.at(-1)?.epoch ?? 0) > 5_000_000)
    for (let turn = 0; turn < 5; turn++) await other.hub.inspect()
    expect(other.hellos.at(-1)?.epoch).toBeGreaterThan(6_000_000)
  })
})

describe("a page whose reply is none of the bridge's", () => {
  it("causes no unhandled rejection", async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", listener)
    const page = new Page(start(), { deliver: () => undefined as never })
    await page.attach({ wants: [want({ catchUp: null })] })
    for (let turn = 0; turn < 5; turn++) await page.hub.inspect()
    process.off("unhandledRejection", listener)
    expect(unhandled).toEqual([])
  })
})
