// trunkline/turbo with a Turbo that does what the real one does while it is loaded; the real one is in test/turbo.

import { describe, expect, it, vi } from "vitest"
import { openPage, type FakePage } from "./support.ts"

const NAME = "turbo-cable-stream-source"

type Cable = { consumer: unknown; subscribes: boolean }

/** @param first what is defined before our entry is loaded */
async function openTurboPage({ first = [] }: { first?: string[] } = {}) {
  const page = await openPage()
  const defined = new Set<string>(first)
  class Registry {
    get = (name: string) => defined.has(name) || undefined
    define(name: string) {
      defined.add(name)
      if (name === NAME) cable.subscribes = cable.consumer === null
    }
  }
  vi.stubGlobal("CustomElementRegistry", Registry)
  vi.stubGlobal("customElements", new Registry())
  /** `subscribes`: with Rails' client, as nobody had set another consumer by then. */
  const cable: Cable = { consumer: null, subscribes: false }
  const rendered: string[] = []
  vi.doMock("@hotwired/turbo-rails", () => {
    for (const name of ["turbo-frame", NAME]) {
      if (!customElements.get(name)) customElements.define(name, EventTarget as never)
    }
    return {
      cable: { setConsumer: (consumer: unknown) => (cable.consumer = consumer) },
      Turbo: { renderStreamMessage: (message: string) => rendered.push(message) },
    }
  })
  const turbo = await import("../../client/turbo/index.ts")
  return { page, cable, defined, rendered, turbo, consumer: cable.consumer as Promise<Consumer> }
}

type Consumer = ReturnType<FakePage["api"]["createConsumer"]>

describe("trunkline/turbo", () => {
  it("gives Turbo our consumer before its stream elements are defined, and holds back nothing else", async () => {
    const { cable, defined, consumer, page } = await openTurboPage()
    expect([...defined]).toEqual(["turbo-frame", NAME])
    expect(cable.subscribes).toBe(false)
    expect((await consumer).url).toBe("wss://example.test/cable")
    customElements.define("later-element", EventTarget as never)
    expect(defined.has("later-element")).toBe(true)
    expect(page.warned).toEqual([])
  })

  it("says so if Turbo came first", async () => {
    const { page } = await openTurboPage({ first: [NAME] })
    expect(page.warned).toEqual([expect.stringContaining('Import "trunkline/turbo" before it.')])
  })

  it("is configured by the module that imports it, and by nobody later", async () => {
    const { turbo, consumer } = await openTurboPage()
    turbo.configureTurbo({ url: "/other", identity: "ann" })
    expect((await consumer).url).toBe("wss://example.test/other")
    expect(() => turbo.configureTurbo({ url: "/late" })).toThrow(expect.objectContaining({ code: "bad-option" }))
  })

  it.each([
    [true, ['<turbo-stream action="refresh" method="morph" scroll="preserve"></turbo-stream>']],
    [false, []],
  ])("has the page morphed after gaps, once for all, if refreshOnGap is %s", async (refreshOnGap, refreshes) => {
    const { turbo, consumer, page, rendered } = await openTurboPage()
    turbo.configureTurbo({ identity: "ann", refreshOnGap })
    const { subscriptions } = await consumer
    const own = vi.fn<() => void>()
    for (const mixin of [{}, {}, { caughtUp: own }]) subscriptions.create("Turbo::StreamsChannel", mixin)
    const port = await page.hub.port()
    const { wants } = await port.attached()
    vi.useFakeTimers({ toFake: ["setTimeout"] })
    const entries = JSON.stringify([["connected"], ["disconnected", true], ["connected"]])
    await port.deliver({ parts: wants.map(({ subscription }) => ({ subscription, entries })) })
    vi.runAllTimers()
    vi.useRealTimers()
    expect(rendered).toEqual(refreshes)
    expect(own).toHaveBeenLastCalledWith({ outcome: "gap", count: 0, reason: "no-catch-up" })
  })
})
