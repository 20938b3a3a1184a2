// Deliberate mistakes in the engine, each of which some schedule must catch: else a check has no teeth. A mistake is made by
// replacing text that must be there exactly once, wherever it is; where the engine only fulfils half of a promise and a page
// or a browser the other, it is their model that errs.

export type Mutant = { breaks: string; edits: readonly { from: string; to: string }[] }

function mutant(breaks: string, from: string, to: string): Mutant {
  return { breaks, edits: [{ from, to }] }
}

export const MUTANTS: readonly Mutant[] = [
  mutant(
    "the cursor is moved by live ids",
    "    this.#pending.delete(id)\n    if (!this.#seen.has(id)) this.#remember(id)\n",
    "    this.#pending.delete(id)\n    this.#after = id\n",
  ),
  mutant(
    "the cursor is moved before a tab has taken the page",
    "    for (const id of entry.unknown) this.#known.arrived(id)\n",
    "    if (entry.move) this.#known.move(entry.move.after, entry.move.covered, reading.repeats)\n    for (const id of entry.unknown) this.#known.arrived(id)\n",
  ),
  mutant(
    "the cursor is moved to items younger than settleFor",
    "(at === null ? page.more : at <= serverNow - settleFor)",
    "(at === null ? page.more : at <= serverNow)",
  ),
  mutant(
    "the cursor passes what an earlier page left unsettled",
    "  const earlier = unsettled.findIndex(item => !item.isSettled)\n",
    "  const earlier = -1\n",
  ),
  mutant("seen is not persisted", "seen: [...this.#behind, ...this.#seen.ids()].slice(-SEEN_LIMIT) }", "seen: [] }"),
  mutant(
    "seen has no bound",
    "if (this.#seen.size <= SEEN_LIMIT || oldest === undefined) return",
    "if (this.#seen.size <= 2 * SEEN_LIMIT || oldest === undefined) return",
  ),
  mutant(
    "what leaves seen leaves the cursor behind it",
    '    this.#ctx.count("seenDropped")\n',
    '    this.#ctx.count("seenDropped")\n    this.#after = oldest\n',
  ),
  mutant("nothing is held while a catch-up runs", "if (this.#isHolding) return this.#hold.add(entry)", ""),
  mutant(
    "no reconcile follows a confirmation",
    "    if (this.#firstAt !== null) this.#timer.set(Math.max(this.#firstAt, this.#ctx.now))\n    else if",
    "    if",
  ),
  mutant(
    "there is no reconcile after the first",
    "else if (settings) this.#timer.set(this.#ctx.now + settings.reconcileEvery)\n",
    "else if (settings) this.#timer.set(Infinity)\n",
  ),
  mutant(
    "a late message with a smaller id is dropped",
    '    this.#give(id, message, "live", this.#placement.live(id, at))\n',
    '    const before = this.#placement.live(id, at)\n    if (before === undefined) this.#give(id, message, "live", before)\n',
  ),
  mutant(
    "a late message does not say so",
    "    return this.#insert(message, this.#later(message))\n",
    "    return this.#insert(message, undefined)\n",
  ),
  mutant(
    "a replay goes on with the log too late",
    "    this.#noted = host.log.next\n",
    "    this.#noted = host.log.next + 1\n",
  ),
  mutant(
    "a replay notes the log's place after each page",
    "    if (this.#unsettled.length === 0) this.#noted = this.#host.log.next\n",
    "    this.#noted = this.#host.log.next\n",
  ),
  {
    breaks: "one lock serves as mutex and as sign of life: a frozen tab that waits for it keeps the next hub out",
    edits: [
      {
        from: "this.#tab.hear(() => this.#tab.onHostGone(this)))\n",
        to: "this.#tab.hear(() => {\n      this.#browser.grant()\n      this.#tab.onHostGone(this)\n    }))\n",
      },
      { from: "    this.after(2, () => this.#grant())\n", to: "" },
      { from: "  #grant(): void {\n", to: "  grant(): void {\n    this.#grant()\n  }\n\n  #grant(): void {\n" },
    ],
  },
  mutant(
    "a 500 is taken for an empty page",
    "        return this.#retry(result.retryAfter)\n",
    '        return this.#onResult({ type: "page", messages: [], hasMore: false, cursor: undefined }, version)\n',
  ),
  mutant("only one page is asked for", "    next: page.more ? ids.at(-1) : undefined,\n", "    next: undefined,\n"),
  mutant(
    "a confirmation counts for whatever was asked",
    "    const channel = this.#all.get(frame.identifier)\n",
    '    const [any] = this\n    const channel = frame.type === "confirmed" ? any : this.#all.get(frame.identifier)\n',
  ),
  mutant("the back-off begins anew with each opening", "? this.#state.attempt + 1 : 0", "? 0 : 0"),
  mutant("subscribe follows unsubscribe at once", "export const PAUSE_MS = 300\n", "export const PAUSE_MS = 1\n"),
  mutant(
    "a subscription is left as soon as nobody wants it",
    "this.#linger.set(this.#ctx.now + this.#host.linger())",
    "this.#linger.set(this.#ctx.now + 1)",
  ),
  {
    breaks: "a callback that throws stops its batch",
    edits: [
      { from: "        if (!(error instanceof ApplicationError)) throw error\n", to: "        throw error\n" },
      {
        from: "    for (const part of parts) this.#take(part)\n",
        to: "    try {\n      for (const part of parts) this.#take(part)\n    } catch (error) {\n      if (!(error instanceof ApplicationError)) throw error\n    }\n",
      },
    ],
  },
  mutant(
    "an unanswered subscribe is not cured",
    "      this.#isLate = true\n      return this.#unsubscribe()\n",
    "      return\n",
  ),
  mutant("a final refusal is tried again", '    this.#become({ type: "refused", reason })\n', "    this.#wait()\n"),
  mutant("a tab judges no repeats", "    return this.#given.has(id) || this.#taken.has(id)\n", "    return false\n"),
  mutant("a batch goes out before the last one is taken", "    if (this.isLate) return null\n", ""),
  mutant(
    "a live message is a repeat if its id is not greater than the newest",
    "    if (this.#knows(id)) return\n    this.#sincePage",
    '    if (this.#knows(id) || Number(id) <= Number(this.#beside.at(-1) ?? "0")) return\n    this.#sincePage',
  ),
  {
    breaks: "a standby hub opens a cable",
    edits: [
      { from: "const wanted = this.#isActive && ", to: "const wanted = " },
      { from: '    if (state === "standby") return\n', to: "" },
    ],
  },
  {
    breaks: "a row of somebody else is overwritten",
    edits: [
      {
        from: "    if (stored && (stored.epoch !== over?.epoch || stored.n !== over.n)) return stored\n",
        to: "",
      },
      { from: "    return { ms: this.#busyUntil - this.#world.now, failed }\n", to: "    return { ms, failed }\n" },
    ],
  },
  mutant(
    "a log-out leaves subscriptions and requests as they are",
    "      channel.end(willAttemptReconnect)\n      this.#drop(channel)\n",
    "      if (willAttemptReconnect) channel.end(willAttemptReconnect)\n      if (willAttemptReconnect) this.#drop(channel)\n",
  ),
  mutant("silence is taken for life", "    if (silentFor < this.staleAfter) ", "    if (silentFor < Infinity) "),
  mutant(
    "a reader before the stream's young place follows it, and asks no more",
    "    if (own !== null && unsettled.includes(own)) return false\n",
    "",
  ),
  mutant(
    "a gap is not told",
    "    this.#host.tell(STATE.caughtUp(reason ?? gap))\n",
    "    this.#host.tell(STATE.caughtUp(null))\n",
  ),
  mutant("a rejection is not told", "    this.readers.end(STATE.rejected)\n", ""),
]
