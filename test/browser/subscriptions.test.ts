// What a subscription is told beside persisted messages, and what the server is told of it.

import { setTimeout as wait } from "node:timers/promises"

import { describe, expect, it } from "vitest"

import { chat, chatIdentifier } from "./lab/chat.ts"
import { PLACES, sample } from "./lab/place.ts"
import { onEmbedded } from "./lab/servers.ts"
import { useLab } from "./lab/use-lab.ts"

describe.each(sample(PLACES))("subscriptions in %s", (_, place) => {
  const lab = useLab(place)

  // Rails broadcasts in any order.
  it.each(onEmbedded("are given ephemeral messages in order with persisted ones, and without an id"))(
    "%s",
    async () => {
      const server = await lab.serve()
      const tabs = await lab.openAll(2, chat({ after: null }))
      await server.say(1)
      await server.control({
        broadcast: { identifier: chatIdentifier(), message: { type: "typing", conversation: "c1" } },
      })
      await server.say(1)
      await Promise.all(tabs.map(tab => tab.untilReceived(2)))

      for (const tab of tabs) {
        const received = await tab.received()
        expect(received).toMatchObject([
          { message: { id: 1 } },
          { message: { type: "typing" } },
          { message: { id: 2 } },
        ])
        expect(received.map(({ delivery }) => delivery)).toEqual([
          { source: "live", id: "1" },
          { source: "live" },
          { source: "live", id: "2" },
        ])
      }
    },
  )

  it("perform actions that reach every tab", async () => {
    await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null }))
    const data = { from: "visitor", at: 1 }
    const isOpen = await tabs[1].evaluate(data => window.lab.subscription("chat").perform("typing", data), data)
    expect(isOpen).toBe(true)
    for (const tab of tabs) await tab.until(told => told.some(({ type }) => type === "received"))

    for (const tab of tabs) expect(await tab.received()).toMatchObject([{ message: { type: "typing", ...data } }])
  })

  it("of a bad session are rejected in every tab", async () => {
    await lab.serve()
    const options = chat({ after: null, session: "bad" })
    const tabs = [await lab.open(options), await lab.open(options)]
    for (const tab of tabs) {
      await tab.until(told => told.some(({ type }) => type === "rejected"))
      expect(await tab.told()).toEqual([
        { type: "pageshow", persisted: false },
        { type: "rejected", of: "chat" },
      ])
    }
  })

  it("end at the server with the last tab that leaves, and a little later", async () => {
    const linger = 400
    const server = await lab.serve()
    const tabs = await lab.openAll(2, chat({ after: null, consumer: { linger } }))
    const leave = () => void window.lab.subscription("chat").unsubscribe()
    await tabs[0].evaluate(leave)
    await wait(2 * linger) // nothing is to happen
    await server.say(1)
    await tabs[1].untilReceived(1)
    expect((await server.stats()).commands).toMatchObject([{ command: "subscribe" }])

    const left = Date.now()
    await tabs[1].evaluate(leave)
    const { commands } = await server.until(({ commands }) => commands.length > 1)
    expect(commands).toMatchObject([{ command: "subscribe" }, { command: "unsubscribe", identifier: chatIdentifier() }])
    expect(Number(commands[1]?.at) - left).toBeGreaterThanOrEqual(linger)
    expect(await tabs[0].ids()).toEqual([])
  })
})
