// The two channels: what a subscription listens to, and which actions it has.

import type { Faults } from "./faults.ts"
import type { Publisher } from "./publisher.ts"
import { isWelcome } from "./sessions.ts"

/** `absent`: Rails logs an error and answers nothing. */
export type Joining =
  | { type: "joined"; stream: string; actions: Readonly<Record<string, Action>> }
  | { type: "rejected" }
  | { type: "absent" }

/** @param transmit answers on the asking socket alone */
export type Action = (data: Record<string, unknown>, transmit: (message: unknown) => void) => void

export type House = { publisher: Publisher; faults: Faults; broadcast: (stream: string, message: unknown) => void }

export function join(identifier: string, house: House): Joining {
  const params = parseRecord(identifier)
  if (!params) return { type: "absent" }
  if (params["channel"] === "WebchatChannel") return joinWebchat(params, house)
  if (params["channel"] === "EchoChannel") return joinEcho(params, house)
  return { type: "absent" }
}

/** Conversations are told apart by name alone; none is a conversation too. */
export function webchatStream(conversation: unknown): string {
  return `webchat:${conversationName(conversation)}`
}

export function conversationName(conversation: unknown): string {
  return typeof conversation === "string" || typeof conversation === "number" ? String(conversation) : ""
}

function joinWebchat(params: Record<string, unknown>, { publisher, faults, broadcast }: House): Joining {
  if (!isWelcome(params["session"], faults)) return { type: "rejected" }
  const conversation = conversationName(params["conversation"])
  const stream = webchatStream(conversation)
  const speak: Action = ({ body, author, idempotency_key: key }) => {
    if (typeof body !== "string") return
    void publisher.say({
      conversation,
      body,
      author: author === "agent" ? "agent" : "visitor",
      key: typeof key === "string" ? key : null,
    })
  }
  const typing: Action = data => broadcast(stream, { ...data, action: undefined, type: "typing", conversation })
  return { type: "joined", stream, actions: { speak, typing } }
}

/** `echo` and `broadcast` pass on `value` where there is one, so that it can be any JSON at all; else the whole data. */
function joinEcho(params: Record<string, unknown>, { broadcast }: House): Joining {
  const stream = echoStream(params)
  const passedOn = (data: Record<string, unknown>): unknown => ("value" in data ? data["value"] : data)
  return {
    type: "joined",
    stream,
    actions: {
      echo: (data, transmit) => transmit(passedOn(data)),
      broadcast: data => broadcast(stream, passedOn(data)),
    },
  }
}

/** Identifiers with the same parameters share a stream, in whatever order they name them. */
function echoStream(params: Record<string, unknown>): string {
  return `echo:${JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
}

export function parseRecord(json: unknown): Record<string, unknown> | null {
  if (typeof json !== "string") return null
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
