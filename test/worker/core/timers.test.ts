import { beforeEach, describe, expect, it } from "vitest"
import { Timer, Timers } from "../../../worker/core/timers.ts"

let timers: Timers
let rang: string[]

beforeEach(() => {
  timers = new Timers()
  rang = []
})

function timer(name: string): Timer {
  return new Timer(timers, late => rang.push(`${name} ${late}`))
}

describe("the deadlines of a hub", () => {
  it("have no next one as long as none is set", () => {
    timer("a")
    expect(timers.next()).toBeNull()
  })

  it("know the earliest, whatever is set, moved or cleared", () => {
    const [a, b] = [timer("a"), timer("b")]
    a.set(20)
    expect(timers.next()).toBe(20)
    b.set(10)
    expect(timers.next()).toBe(10)
    b.set(30)
    expect(timers.next()).toBe(20)
    a.clear()
    expect(timers.next()).toBe(30)
    b.clear()
    expect(timers.next()).toBeNull()
  })

  it("ring when they are due and not before", () => {
    timer("a").set(10)
    timers.run(9)
    expect(rang).toEqual([])
    timers.run(10)
    expect(rang).toEqual(["a 0"])
  })

  it("ring once", () => {
    const a = timer("a")
    a.set(10)
    timers.run(10)
    expect(a.at).toBeNull()
    timers.run(11)
    expect(rang).toEqual(["a 0"])
    expect(timers.next()).toBeNull()
  })

  it("ring in the order of their times, and say how late they are", () => {
    timer("b").set(20)
    timer("a").set(10)
    timer("c").set(21)
    timers.run(20)
    expect(rang).toEqual(["a 10", "b 0"])
    expect(timers.next()).toBe(21)
  })

  it("do not ring when one that rang before cleared or moved them", () => {
    const [cleared, moved] = [timer("cleared"), timer("moved")]
    const first = new Timer(timers, () => {
      cleared.clear()
      moved.set(30)
    })
    first.set(10)
    cleared.set(11)
    moved.set(12)
    timers.run(20)
    expect(rang).toEqual([])
    expect(timers.next()).toBe(30)
  })

  it("wait for the next tick when they are set for now by one that rings: nothing goes round in circles", () => {
    const again = new Timer(timers, () => {
      rang.push("again")
      again.set(10)
    })
    again.set(10)
    timers.run(10)
    expect(rang).toEqual(["again"])
    expect(timers.next()).toBe(10)
  })

  it("may be cleared without having been set", () => {
    const [a, b] = [timer("a"), timer("b")]
    a.set(10)
    expect(timers.next()).toBe(10)
    b.clear()
    expect(timers.next()).toBe(10)
  })
})
