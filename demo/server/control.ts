// Carries out what `POST /_control` orders.

import type { Cable } from "./cable.ts"
import type { Control, ControlAnswer, Faults, Orders } from "./faults.ts"
import type { Messages } from "./messages.ts"
import type { Publisher } from "./publisher.ts"
import type { Stats } from "./stats.ts"

export type Controlled = {
  cable: Cable
  faults: Faults
  messages: Messages
  publisher: Publisher
  stats: Stats
  deploy: () => void
}

export class UnknownOrder extends Error {
  override readonly name = "UnknownOrder"
}

/** @throws UnknownOrder before anything is done */
export function control(orders: Control, on: Controlled): ControlAnswer {
  const known = handlers(on)
  const names = Object.keys(orders)
  const unknown = names.find(name => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new UnknownOrder(`No order "${unknown}": use one of ${Object.keys(known).join(", ")}.`)
  }
  const answer: Record<string, unknown> = {}
  for (const name of names as (keyof Orders)[]) {
    const said = (known[name] as (value: unknown) => unknown)(orders[name])
    if (said !== undefined) answer[name] = said
  }
  return answer
}

type Handlers = { [Name in keyof Orders]: (value: Orders[Name]) => unknown }

function handlers({ cable, faults, messages, publisher, stats, deploy }: Controlled): Handlers {
  return {
    drop: () => cable.drop(),
    silence: ms => void (faults.silentUntil = ms === null ? 0 : Date.now() + ms),
    confirmEarly: ms => void (faults.confirmEarly = ms),
    reorder: ms => void (faults.reorder = ms),
    commitLate: ms => void (faults.commitLate = ms),
    persistOnly: times => void (faults.persistOnly = times),
    catchUp: fault => void (faults.catchUp = fault),
    refuseSessions: sessions => void (faults.refusedSessions = new Set(sessions)),
    noAnswer: times => void (faults.noAnswer = times),
    disconnect: ({ reason, reconnect }) => cable.disconnect(reason, reconnect),
    kick: () => cable.kick(),
    overlap: ms => void (faults.overlap = ms),
    forget: id => messages.forget(id),
    raw: text => cable.raw(text),
    persist: ({ conversation, body, count, author = "agent", broadcast }) => {
      const bodies = count === undefined ? [body] : Array.from({ length: count }, (_, n) => `${body} ${n + 1}`)
      return publisher.sayAll(
        bodies.map(body => ({ conversation, author, body })),
        broadcast,
      )
    },
    broadcast: ({ identifier, message }) => cable.broadcastTo(identifier, message),
    offline: offline => {
      faults.offline = offline
      if (offline) cable.drop()
    },
    deploy: () => deploy(),
    refuseUpgrade: times => void (faults.refuseUpgrade = times),
    unauthorized: times => void (faults.unauthorized = times),
    heal: () => faults.heal(),
    reset: () => stats.reset(),
  }
}
