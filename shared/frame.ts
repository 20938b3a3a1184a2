// ActionCable's frames (`actioncable-v1-json`), as data. A frame that is not one is an answer, not an exception:
// servers, proxies and other protocols on the same port send all sorts of things.
// https://docs.anycable.io/misc/action_cable_protocol

export type ServerFrame =
  | { type: "welcome" }
  | { type: "ping"; at: number | null }
  | { type: "confirmed"; identifier: string }
  | { type: "rejected"; identifier: string }
  | { type: "disconnect"; reason: string; reconnect: boolean }
  | { type: "message"; identifier: string; message: unknown; json: string }
  | { type: "malformed"; why: "json" | "shape" | "size" }

/** Anything that the hub writes to the socket. `data` is itself JSON text, as ActionCable wants it. */
export type Command =
  | { command: "subscribe"; identifier: string }
  | { command: "unsubscribe"; identifier: string }
  | { command: "message"; identifier: string; data: string }

/**
 * Reads one WebSocket text frame.
 *
 * @param maxLength UTF-16 units; a longer frame is not parsed at all
 * @returns never throws. `ping.at` is the server's time in milliseconds; `message.json` the message's own JSON text.
 */
export function parseFrame(raw: unknown, maxLength: number): ServerFrame {
  if (typeof raw !== "string") return { type: "malformed", why: "shape" }
  if (raw.length > maxLength) return { type: "malformed", why: "size" }
  let frame: unknown
  try {
    frame = JSON.parse(raw)
  } catch {
    return { type: "malformed", why: "json" }
  }
  if (!isRecord(frame)) return { type: "malformed", why: "shape" }
  if (frame["type"] !== undefined) return parseControl(frame)
  const { identifier, message } = frame
  if (typeof identifier !== "string" || message === undefined) return { type: "malformed", why: "shape" }
  return { type: "message", identifier, message, json: messageText(raw, frame) }
}

function parseControl(frame: Record<string, unknown>): ServerFrame {
  const { type, identifier } = frame
  if (type === "welcome") return { type }
  if (type === "ping") return { type, at: typeof frame["message"] === "number" ? frame["message"] * 1_000 : null }
  if (type === "disconnect") {
    return {
      type,
      reason: typeof frame["reason"] === "string" ? frame["reason"] : "unknown",
      reconnect: frame["reconnect"] !== false,
    }
  }
  if (typeof identifier !== "string") return { type: "malformed", why: "shape" }
  if (type === "confirm_subscription") return { type: "confirmed", identifier }
  if (type === "reject_subscription") return { type: "rejected", identifier }
  return { type: "malformed", why: "shape" }
}

/**
 * The message's JSON text, cut out of the frame: it goes on to every tab as text, and serialising it a second time costs
 * as much as all else that the core does with a frame. Rails writes the identifier first and then nothing but the
 * message. Quotes within the identifier are escaped, so the first `,"message":` is the key; should one of the two keys
 * come again, be it with a letter escaped, or any other key, the slow way is the safe one.
 */
function messageText(raw: string, frame: Record<string, unknown>): string {
  const key = raw.indexOf(MESSAGE_KEY, FRAME_START.length)
  const text = raw.slice(key + MESSAGE_KEY.length, -1)
  const plain = key > 0 && raw.startsWith(FRAME_START) && raw.endsWith("}") && !ESCAPED_LETTER.test(raw)
  return plain && hasTwoKeys(frame) && !KEY_AGAIN.test(text) ? text : JSON.stringify(frame["message"])
}

const ESCAPED_LETTER = /\\u00[67]/
const KEY_AGAIN = /"(?:message|identifier)"\s*:/
const FRAME_START = '{"identifier":"'
const MESSAGE_KEY = ',"message":'

function hasTwoKeys(frame: Record<string, unknown>): boolean {
  let keys = 0
  for (const _ in frame) keys += 1
  return keys === 2
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
