import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { digest, namesOf, pageNames, rowKey, workerName, type HubKey } from "../../shared/identity.ts"

const key = { url: "wss://example.com/cable", identity: "session-abc", bridge: 1 }

/** What the worker knows that such a page asks for. */
const hubNames = (of: HubKey) => namesOf(pageNames(of).worker)

describe("a hub's names", () => {
  it("are those that its pages know", () => {
    const names = pageNames(key)
    expect(hubNames(key)).toMatchObject({ worker: names.worker, mutex: names.mutex, news: names.news })
    expect(hubNames(key).alive(7)).toBe(names.alive(7))
    expect(hubNames(key).deposed(7)).toBe(names.deposed(7))
  })

  it("are the same for every page that means the same cable, identity and bridge", () => {
    const { worker, mutex, rows } = hubNames(key)
    expect(hubNames({ ...key })).toMatchObject({ worker, mutex, rows })
  })

  it("do not depend on the URL's query or fragment: a renewed token is no new hub", () => {
    const { worker, rows } = hubNames(key)
    expect(hubNames({ ...key, url: `${key.url}?token=1` })).toMatchObject({ worker, rows })
    expect(hubNames({ ...key, url: `${key.url}#?x` })).toMatchObject({ worker, rows })
  })

  it("separate identities, URLs and bridge versions", () => {
    const others = [key, { ...key, identity: "session-abd" }, { ...key, url: "wss://example.com/cable2" }]
    for (const name of ["worker", "mutex", "rows"] as const) {
      expect(new Set(others.map(other => hubNames(other)[name])).size).toBe(3)
    }
    expect(hubNames({ ...key, bridge: 2 }).worker).not.toBe(hubNames(key).worker)
    expect(hubNames({ ...key, bridge: 2 }).mutex).not.toBe(hubNames(key).mutex)
  })

  it("keep an identity from posing as part of a URL", () => {
    const url = "wss://example.com/cable"
    expect(hubNames({ ...key, url, identity: "/x" }).rows).not.toBe(
      hubNames({ ...key, url: `${url}/x`, identity: "" }).rows,
    )
  })

  it("leave the rows to the next bridge version, which goes on where this one left off", () => {
    expect(hubNames({ ...key, bridge: 2 }).rows).toBe(hubNames(key).rows)
  })

  it("have one alive lock for each epoch, and none of them is the mutex", () => {
    const { alive, mutex } = hubNames(key)
    expect(alive(1)).not.toBe(alive(2))
    expect(alive(1)).toBe(hubNames(key).alive(1))
    expect(alive(1)).not.toBe(mutex)
  })

  it("are those of the worker before for one that replaces it: only the worker's own differs", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 99 }), (identity, round) => {
        const names = hubNames({ ...key, identity })
        const replaced = namesOf(workerName(names, round))
        expect(JSON.stringify(replaced)).toBe(JSON.stringify({ ...names, round }))
        expect(replaced.alive(7)).toBe(names.alive(7))
      }),
    )
    expect(workerName(hubNames(key), 0)).toBe(hubNames(key).worker)
    expect(workerName(hubNames(key), 1)).not.toBe(hubNames(key).worker)
  })

  it("tell nothing: neither the identity nor the URL can be read from them", () => {
    const { worker, mutex, alive, rows, peers } = hubNames(key)
    for (const name of [worker, mutex, alive(1), rows, peers, rowKey(rows, '{"token":"secret"}')]) {
      expect(name).not.toMatch(/session|example|secret/)
    }
  })
})

describe("a row's key", () => {
  it("is one per owner and identifier, whose key order counts", () => {
    const keys = [
      rowKey("a", '{"channel":"x","id":1}'),
      rowKey("a", '{"id":1,"channel":"x"}'),
      rowKey("b", '{"channel":"x","id":1}'),
    ]
    expect(new Set(keys).size).toBe(3)
    expect(keys.map(name => name.slice(0, 2))).toEqual(["a/", "a/", "b/"])
  })
})

describe("a digest", () => {
  it("never changes: stored cursors are found by it", () => {
    expect(digest("")).toBe("wvjl67o803-8g53tziodx")
    expect(digest("wss://example.com/cable\nsession-abc")).toBe("fvl4bkw6of-475a6j5tvb")
    expect(digest("\u{1f600}é")).toBe("1txjfzotxoi-1br9ue514iq")
  })

  it("is short, plain text that a lock or a key can be named with", () => {
    const unit = fc.nat({ max: 0xffff }).map(code => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 1_000 }), text => {
        expect(digest(text)).toMatch(/^[0-9a-z]{1,11}-[0-9a-z]{1,11}$/)
      }),
    )
  })

  it("differs for 100,000 neighbouring identifiers", () => {
    const texts = Array.from({ length: 100_000 }, (_, id) => `{"channel":"ChatChannel","id":${id}}`)
    expect(new Set(texts.map(digest)).size).toBe(texts.length)
  })
})
