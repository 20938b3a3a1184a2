// IndexedDB fails, in every way in which a browser can be made to let it (case 13).

import { describe, expect, it } from "vitest"

import { chat, range } from "./lab/chat.ts"
import { isFull, sample, SHARED_WORKERS } from "./lab/place.ts"
import { storedRows, untilStored } from "./lab/rows.ts"
import type { Tab } from "./lab/tab.ts"
import { useLab } from "./lab/use-lab.ts"

/** Hubs look again by themselves, the first time after a second. */
async function untilKind(tab: Tab, kind: "indexeddb" | "memory"): Promise<void> {
  await tab.evaluate(async kind => {
    while ((await window.lab.consumer.inspect()).storage !== kind) await new Promise(resolve => setTimeout(resolve, 50))
  }, kind)
}

describe.each(sample(SHARED_WORKERS))("IndexedDB in %s", (_, place) => {
  const lab = useLab(place)

  it("is deleted by the site while it is used: nobody waits, and the next write makes it anew", async () => {
    const server = await lab.serve()
    const [tab] = await lab.openAll(1, chat({ after: null }))
    await server.say(2)
    await untilStored(tab, 2)
    await tab.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase("trunkline")
          request.addEventListener("success", () => resolve())
          request.addEventListener("blocked", () => reject(new Error("a hub holds on to it")))
        }),
    )
    await server.say(1)
    await tab.untilReceived(3)
    await untilStored(tab, 3)

    expect(await tab.ids()).toEqual(range(1, 3))
    expect(await tab.inspect()).toMatchObject({ storage: "indexeddb", storageError: null })
  })

  it("does not answer, behind a page that holds on to it: a hub starts within a second, and goes back to it later", async () => {
    const server = await lab.serve()
    const holder = await lab.open(null)
    await holder.evaluate(async () => {
      const open = indexedDB.open("trunkline", 1)
      await new Promise(resolve => open.addEventListener("success", resolve))
      Object.assign(window, { release: () => open.result.close() })
      indexedDB.deleteDatabase("trunkline")
    })
    const tab = await lab.open(chat({ after: null }))
    await tab.untilCaughtUp()
    await server.say(2)
    await tab.untilReceived(2)
    expect(await tab.inspect()).toMatchObject({ storage: "memory", storageError: "NoAnswer" })
    await holder.evaluate(() => (window as unknown as { release: () => void }).release())
    await untilKind(tab, "indexeddb")
    await untilStored(tab, 2)

    expect(await tab.ids()).toEqual([1, 2])
    expect(await server.stats()).toMatchObject({ opened: 1 })
  })

  it("is lost to the worker for good: the tabs move to another one, and miss nothing", async () => {
    const server = await lab.serve()
    const options = chat({ after: null, consumer: { worker: "/losing-worker.js" } })
    const tabs: Tab[] = await lab.openAll(2, options)
    const [first] = tabs as [Tab]
    const hush = server.chatter(20)
    await first.untilReceived(5)
    const { epoch } = await first.inspect()
    await first.evaluate(() => new BroadcastChannel("loss").postMessage("now"))
    await Promise.all(tabs.map(tab => tab.untilCaughtUp(2)))
    tabs.push(await lab.open(options))
    const ids = [...(await hush()), ...(await server.say(1))]
    await Promise.all(tabs.map(tab => tab.untilReceived(Math.max(...ids))))

    for (const tab of tabs) expect(await tab.ids()).toEqual(ids)
    const hub = await first.inspect()
    expect(hub).toMatchObject({ host: "shared-worker", storage: "indexeddb", storageError: null, tabs: { length: 3 } })
    expect(hub.epoch).toBeGreaterThan(epoch)
    expect((await storedRows(first))[0]).toMatchObject({ epoch: hub.epoch })
    expect(await server.stats()).toMatchObject({ sockets: 1, opened: 2 })
  })

  it("is shared by pages on their own, without a mutex: who comes later goes on from where they left off (case 14)", async () => {
    const server = await lab.serve()
    const options = chat({ after: null, consumer: { host: "page" } })
    const tabs = await lab.openAll(2, options)
    await server.say(5)
    await Promise.all(tabs.map(tab => tab.untilReceived(5)))
    await untilStored(tabs[0], 5)
    await Promise.all(tabs.map(tab => tab.close()))
    await server.until(({ sockets }) => sockets === 0)
    await server.say(3)
    const later = await lab.open(chat({ after: "cursor", consumer: { host: "page" } }))
    await later.untilCaughtUp()

    expect(await later.ids()).toEqual(range(6, 8))
  })
})

/** Chromium tells it how much room there is, or to evict what it has. */
describe("IndexedDB in chromium, on a disk that", () => {
  const lab = useLab({ engine: "chromium", host: "shared-worker" })

  it("is full: rows wait in memory, and are written when there is room again", async () => {
    const server = await lab.serve()
    const browser = await (await lab.open(null)).page.createCDPSession()
    await browser.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: 1 })
    const tab = await lab.open(chat({ after: null }))
    await tab.untilCaughtUp()
    await server.say(2)
    await tab.untilReceived(2)
    expect(await tab.inspect()).toMatchObject({ storage: "memory", storageError: "QuotaExceededError" })
    await browser.send("Storage.overrideQuotaForOrigin", { origin: server.origin })
    await untilKind(tab, "indexeddb")
    await untilStored(tab, 2)

    expect(await tab.ids()).toEqual([1, 2])
  })

  it("is cleared: a page goes on from what it has, and nothing is replayed", async () => {
    const server = await lab.serve()
    const [tab] = await lab.openAll(1, chat({ after: null }))
    await server.say(2)
    await untilStored(tab, 2)
    const browser = await tab.page.createCDPSession()
    await browser.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "indexeddb" })
    await server.say(1)
    await tab.untilReceived(3)
    await untilStored(tab, 3)

    expect(await tab.ids()).toEqual(range(1, 3))
    expect(await tab.inspect()).toMatchObject({ storage: "indexeddb" })
  })
})

/** Firefox is told when it starts how much room there is: a page takes it all. */
describe.runIf(isFull)("IndexedDB in firefox, on a disk that", () => {
  const KIB = 1_024
  const lab = useLab(
    { engine: "firefox", host: "shared-worker" },
    { "dom.quotaManager.temporaryStorage.fixedLimit": KIB },
  )

  it("is full: rows wait in memory, and are written when there is room again", async () => {
    const server = await lab.serve()
    const glutton = await lab.open(null)
    await glutton.evaluate(fill, KIB * KIB)
    const tab = await lab.open(chat({ after: null }))
    await tab.untilCaughtUp()
    await server.say(2)
    await tab.untilReceived(2)
    expect(await tab.inspect()).toMatchObject({ storage: "memory", storageError: "QuotaExceededError" })
    await glutton.evaluate(() => void indexedDB.deleteDatabase("filler"))
    await untilKind(tab, "indexeddb")
    await untilStored(tab, 2)

    expect(await tab.ids()).toEqual([1, 2])
  })
})

/** Runs in the page, without its surroundings: stores ever less, until not even a character has room. */
async function fill(most: number): Promise<void> {
  const open = indexedDB.open("filler")
  open.addEventListener("upgradeneeded", () => open.result.createObjectStore("text", { autoIncrement: true }))
  await new Promise(resolve => open.addEventListener("success", resolve))
  const db = open.result
  db.addEventListener("versionchange", () => db.close())
  const add = async (text: string) => {
    try {
      const transaction = db.transaction("text", "readwrite")
      transaction.objectStore("text").add(text)
      return await new Promise<boolean>(resolve => {
        transaction.addEventListener("complete", () => resolve(true))
        transaction.addEventListener("abort", () => resolve(false))
      })
    } catch {
      return false // Firefox refuses once more after it has refused
    }
  }
  // No text that compresses well.
  const noise = (size: number) => Array.from({ length: size }, () => Math.random().toString(36).at(-1)).join("")
  for (let size = most; size >= 1; size = Math.floor(size / 4)) {
    while ((await add(noise(size))) || (await add(noise(size)))) continue
  }
}

/** A private window is a profile of its own that is kept in memory. Until Firefox 115 it had no database at all. */
describe.runIf(isFull).each([
  ["a private window", {}, { storage: "indexeddb", storageError: null }],
  [
    "a private window that has none",
    { "dom.indexedDB.privateBrowsing.enabled": false },
    { storage: "memory", storageError: "InvalidStateError" },
  ],
])("IndexedDB in firefox, in %s", (_, preferences, kept) => {
  const lab = useLab(
    { engine: "firefox", host: "shared-worker" },
    { "browser.privatebrowsing.autostart": true, ...preferences },
  )

  it("costs its tabs neither a message nor their common cable, and inspect() says what it is", async () => {
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    await server.say(3)
    await Promise.all(tabs.map(tab => tab.untilReceived(3)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual(range(1, 3))
      expect(await tab.inspect()).toMatchObject({ host: "shared-worker", tabs: { length: 2 }, ...kept })
    }
    expect(await server.stats()).toMatchObject({ opened: 1, sockets: 1 })
  })
})

describe.runIf(isFull)("IndexedDB in chromium, in a private window", () => {
  const lab = useLab({ engine: "chromium", host: "shared-worker" })

  it("is its own, as is its cable: its tabs share both, and know nothing of the tabs outside", async () => {
    const server = await lab.serve()
    const outside = await lab.open(chat({ after: null }))
    await outside.untilCaughtUp()
    await server.say(2)
    await untilStored(outside, 2)
    await lab.goPrivate()
    const tabs = await lab.openAll(2, chat({ after: "cursor" }))
    await server.say(2)
    await Promise.all([outside, ...tabs].map(tab => tab.untilReceived(4)))

    for (const tab of tabs) {
      expect(await tab.ids()).toEqual([3, 4])
      expect(await tab.inspect()).toMatchObject({ tabs: { length: 2 }, storage: "indexeddb", storageError: null })
    }
    expect(await outside.inspect()).toMatchObject({ tabs: { length: 1 } })
    expect(await server.stats()).toMatchObject({ opened: 2, sockets: 2 })
  })
})
