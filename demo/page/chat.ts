// One conversation in one tab: the subscription, and what of it goes where.

import type { CaughtUp, Consumer } from "trunkline"

import { Api } from "./api.ts"
import { compose } from "./composer.ts"
import type { PageData } from "./data.ts"
import { find } from "./dom.ts"
import { otherSide, readEvent } from "./event.ts"
import { pageBackwards } from "./history.ts"
import { Outbox } from "./outbox.ts"
import { showLast } from "./rail.ts"
import { Reactions } from "./reactions.ts"
import { Scroller } from "./scroller.ts"
import { Seen } from "./seen.ts"
import { showStatus, type Status } from "./status.ts"
import { Timeline } from "./timeline.ts"
import { Typing } from "./typing.ts"

/** Shorter than the default minute, so that whoever presses "persist without broadcast" sees what it is for. */
const RECONCILE_EVERY_MS = 10_000
const NAMES = { visitor: "The visitor", agent: "The agent" }

/** @param signal ends it: another conversation is shown instead */
export function startChat(
  consumer: Consumer,
  data: PageData,
  root: HTMLElement,
  caughtUp: (told: CaughtUp) => void,
  signal: AbortSignal,
): void {
  const { role, webchat, session, conversation } = data
  const view = find(root, ".chat__view", HTMLElement)
  const list = find(root, ".messages", HTMLElement)
  const statusLine = find(root, ".status", HTMLElement)
  const status = (status: Status): void => showStatus(statusLine, status)

  const api = new Api(data)
  const scroller = new Scroller(view, find(root, ".newer", HTMLButtonElement), signal)
  const timeline = new Timeline(list, role, scroller)
  const reactions = new Reactions(role, id => timeline.bubble(id))
  const outbox = new Outbox(`demo:${webchat}:${role}:${conversation}`, api, timeline, signal)
  const typing = new Typing(
    find(root, ".typing", HTMLElement),
    () => subscription.perform("typing", { author: role }),
    signal,
  )
  const seen = new Seen(role, data.seen, timeline, sawUpTo, signal)
  for (const reaction of data.reactions) reactions.apply(reaction)
  scroller.toEnd()

  const subscription = consumer.subscriptions.create(
    { channel: "WebchatChannel", id: webchat, session, conversation },
    {
      received: (message, { source, late }) =>
        receive(message, source === "catch-up", late ? Number(late.before) : null),
      connected: () => status("catching-up"),
      disconnected: ({ willAttemptReconnect }) => status(willAttemptReconnect ? "waiting" : "gone"),
      rejected: () => status("rejected"),
      caughtUp: told => {
        status("live")
        caughtUp(told)
        const { outcome, reason } = told
        if (outcome === "gap")
          timeline.notice(`Some messages can no longer be had (${reason}). Reload to see what there is.`)
      },
    },
    {
      after: data.ids,
      catchUp: { url: api.messagesUrl, params: { session, conversation } },
      reconcileEvery: RECONCILE_EVERY_MS,
    },
  )
  signal.addEventListener("abort", () => subscription.unsubscribe())

  function receive(value: unknown, caughtUp: boolean, before: number | null): void {
    const event = readEvent(value)
    if (!event) return
    switch (event.type) {
      case "typing":
        if (event.author !== role) scroller.around(() => typing.show(NAMES[event.author]))
        return
      case "seen":
        return seen.apply(event.author, event.message_id ?? 0)
      case "reaction.created":
      case "reaction.destroyed":
        return scroller.around(() => reactions.apply(event))
      case "message": {
        if (event.client_key) outbox.arrived(event.client_key)
        const note = before === null ? (caughtUp ? "caught up" : "") : "late"
        if (!timeline.deliver(event, before, event.author === role ? "" : note)) return
        reactions.show(event.id)
        if (before === null) showLast(event, role)
        if (event.author !== otherSide(role)) return
        typing.clear()
        seen.add(event.id)
      }
    }
  }

  /** Every tab that is looked at says so; the key makes one event of it. */
  function sawUpTo(message: number): void {
    void api.post({ type: "seen", body: "", message_id: message, idempotency_key: `seen:${role}:${message}` })
  }

  function react(message: number, emoji: string): void {
    const type = reactions.gave(message, emoji) ? "reaction.destroyed" : "reaction.created"
    void api.post({ type, body: emoji, message_id: message, idempotency_key: crypto.randomUUID() })
  }

  compose(
    find(root, ".composer", HTMLFormElement),
    {
      typed: () => typing.typed(),
      send: body => {
        outbox.send(body)
        typing.sent()
        scroller.toEnd()
      },
    },
    signal,
  )
  list.addEventListener(
    "click",
    ({ target }) => {
      const button = target instanceof Element ? target.closest<HTMLButtonElement>("button") : null
      const bubble = button?.closest<HTMLElement>(".message")
      if (!button || !bubble) return
      if (button.matches(".message__retry")) return outbox.retry(bubble.dataset["key"] ?? "")
      if (button.matches(".message__discard")) return outbox.discard(bubble.dataset["key"] ?? "")
      if (bubble.dataset["id"]) react(Number(bubble.dataset["id"]), button.dataset["emoji"] ?? "")
    },
    { signal },
  )
  pageBackwards(
    find(root, ".chat__older", HTMLElement),
    view,
    api,
    {
      first: () => timeline.first,
      show: log => {
        timeline.prepend(log.filter(({ type }) => type === "message"))
        for (const event of log) {
          if (event.type === "message") reactions.show(event.id)
          else if (event.type !== "seen") reactions.apply(event)
        }
      },
    },
    signal,
  )
}
