import { beforeEach, describe, expect, it } from "vitest"
import { Hold } from "../../../worker/core/hold.ts"
import { Log, LOG_BYTES, LOG_ENTRIES } from "../../../worker/core/log.ts"

let log: Log
let hold: Hold

beforeEach(() => {
  log = new Log(() => {})
  hold = new Hold(log)
})

function add(id: string | null, text = "text"): void {
  hold.add({ type: "live", id, text, taken: false })
}

function released(): (string | null)[] {
  return hold.release().map(({ id }) => id)
}

describe("messages that are held", () => {
  it("go out in the order of their arrival, once", () => {
    add("2")
    add("1")
    expect(hold.count).toBe(2)
    expect(released()).toEqual(["2", "1"])
    expect(hold.count).toBe(0)
    expect(released()).toEqual([])
  })

  it("are a thousand at most: the oldest is dropped, and catch-up has to ask once more (engine rule 8)", () => {
    for (let id = 0; id < LOG_ENTRIES; id++) add(`${id}`)
    expect(hold.takeOverflow()).toBe(false)
    add("last")
    expect(hold.count).toBe(1_000)
    expect(released().slice(0, 1)).toEqual(["1"])
    expect(hold.takeOverflow()).toBe(true)
    expect(hold.takeOverflow()).toBe(false)
  })

  it("leave the newest page in the log, however many more come: else it would be asked for again and again", () => {
    log.append({ type: "page", unknown: ["0"], move: null, text: "page", taken: false })
    for (let id = 1; id <= LOG_ENTRIES + 2; id++) add(`${id}`)
    expect([log.first, log.next]).toEqual([0, 1])
  })

  it("are two Mi characters at most", () => {
    add("1", "x".repeat(LOG_BYTES))
    expect(hold.takeOverflow()).toBe(false)
    add("2", "x")
    expect(hold.takeOverflow()).toBe(true)
    add("3", "x".repeat(LOG_BYTES - 1))
    expect(hold.takeOverflow()).toBe(false)
    expect(released()).toEqual(["2", "3"])
    add("4", "x".repeat(LOG_BYTES))
    expect(released()).toEqual(["4"])
  })

  it("need no catch-up when what was dropped is ephemeral", () => {
    for (let count = 0; count <= LOG_ENTRIES; count++) add(null)
    expect(hold.takeOverflow()).toBe(false)
  })

  it("take their room from the log's, and give it back when they go out", () => {
    for (let id = 0; id < LOG_ENTRIES; id++) log.append({ type: "live", id: `${id}`, text: "text", taken: true })
    add("a")
    add("b")
    expect(log.first).toBe(2)
    hold.release()
    log.append({ type: "live", id: "c", text: "text", taken: true })
    expect(log.first).toBe(2)
  })
})
