// Who the hub is when it speaks to the server: the URL and headers that the tabs gave. One question is open at a time,
// to one live tab, a visible one if there is any: hidden ones may be frozen. If that tab goes or stays silent, the next is
// asked. Whoever needs the answer waits for the same one.

import type { Answer, Ask } from "../../shared/bridge.ts"
import type { Context } from "./context.ts"
import type { TabKey } from "./event.ts"
import type { Timer } from "./timers.ts"

/** How long one tab may think. A frozen one thinks for ever. */
export const ANSWER_WITHIN_MS = 5_000

export type Current = { url: string; headers: Readonly<Record<string, string>>; subprotocols: readonly string[] }

/** A tab that may be asked: its URL is a function, or it has `credentials`. */
type Witness = { tab: TabKey; asks: boolean; credentials: boolean }

type Question = {
  ask: number
  reason: Ask["reason"]
  tab: TabKey
  asked: Set<TabKey>
  waiting: ((current: Current) => void)[]
}

const NONE: Current = { url: "", headers: {}, subprotocols: [] }

export class Credentials {
  #current = NONE
  /** Grows with every renewal, so that whoever was refused with older ones simply tries again. */
  version = 0
  #question: Question | null = null
  readonly #witnesses = new Map<TabKey, Witness>()
  readonly #ctx: Context
  readonly #isVisible: (tab: TabKey) => boolean
  readonly #timer: Timer

  constructor(ctx: Context, isVisible: (tab: TabKey) => boolean) {
    this.#ctx = ctx
    this.#isVisible = isVisible
    this.#timer = ctx.timer(() => this.#askNext())
  }

  get current(): Current {
    return this.#current
  }

  /** True if asking for new ones can help. */
  get available(): boolean {
    return [...this.#witnesses.values()].some(witness => witness.credentials)
  }

  attached(witness: Witness, url: string, subprotocols: readonly string[]): void {
    this.#witnesses.set(witness.tab, witness)
    this.#current = { ...this.#current, url, subprotocols }
  }

  gone(tab: TabKey): void {
    this.#witnesses.delete(tab)
    if (this.#question?.tab === tab) this.#askNext()
  }

  /** After a log-out nothing of before is used any more, nor what is still on its way. */
  forget(): void {
    this.#current = NONE
    this.version += 1
    this.#question = null
    this.#timer.clear()
  }

  /** Calls back with the best there is: at once where no tab has more to say than it already said. */
  ask(reason: Ask["reason"], then: (current: Current) => void): void {
    if (this.#question) {
      this.#question.waiting.push(then)
      return
    }
    this.#question = { ask: 0, reason, tab: 0, asked: new Set(), waiting: [then] }
    this.#askNext()
  }

  answered(ask: number, answer: Answer | null): void {
    const question = this.#question
    if (question?.ask !== ask) return
    if (!answer) return this.#askNext()
    this.#current = { ...this.#current, url: answer.url, headers: answer.headers }
    this.version += 1
    this.#settle(question)
  }

  #askNext(): void {
    const question = this.#question
    if (!question) return
    const next = this.#nextWitness(question)
    if (!next) return this.#settle(question)
    question.ask = this.#ctx.number()
    question.tab = next.tab
    question.asked.add(next.tab)
    this.#timer.set(this.#ctx.now + ANSWER_WITHIN_MS)
    this.#ctx.emit({ type: "ask", ask: question.ask, tab: next.tab, question: { reason: question.reason } })
  }

  #nextWitness({ reason, asked }: Question): Witness | undefined {
    const able = [...this.#witnesses.values()].filter(
      witness => !asked.has(witness.tab) && (reason === "open" ? witness.asks : witness.credentials),
    )
    return able.find(({ tab }) => this.#isVisible(tab)) ?? able[0]
  }

  #settle({ waiting }: Question): void {
    this.#question = null
    this.#timer.clear()
    for (const then of waiting) then(this.#current)
  }
}
