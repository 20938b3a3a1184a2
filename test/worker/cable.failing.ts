// Sentences that do not hold yet; each moves to cable.test.ts once it does.

import { describe, expect, it } from "vitest"
import { openCable } from "../../worker/cable.ts"

/** A cable that can never open, and what is told of it. */
function openBad() {
  const reasons: string[] = []
  let over = () => {}
  const closed = new Promise<void>(resolve => (over = resolve))
  const cable = openCable("not a URL", [], {
    frame: () => {},
    closed: reason => {
      reasons.push(reason)
      over()
    },
  })
  return { cable, reasons, closed }
}

describe("a cable whose URL is none", () => {
  it("is closed once, and not before the caller has it", async () => {
    const { reasons, closed } = openBad()
    expect(reasons).toEqual([])
    await closed
    expect(reasons).toEqual([expect.stringContaining("SyntaxError")])
  })

  it("may be dropped after that, as the core does with every cable that closed", async () => {
    const { cable, closed } = openBad()
    await closed
    expect(() => cable.drop()).not.toThrow()
    expect(() => cable.send("x")).not.toThrow()
  })

  it("tells nothing when it was dropped before", async () => {
    const { cable, reasons } = openBad()
    cable.drop()
    await Promise.resolve()
    expect(reasons).toEqual([])
  })
})
