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
  return { type: "message", identifier, message, json: JSON.stringify(message) }
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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** What a message's frame for this identifier starts with, as Rails and AnyCable write it. */
export function messageHead(identifier: string): string {
  return `{"identifier":${JSON.stringify(identifier)},"message":`
}

/**
 * Reads a message's frame in half the time, with the message's own text: every tab gets it as text, and writing it anew
 * costs as much as all else. If nothing but one JSON value stands between the head and the closing brace, it is the message.
 *
 * @returns `null` for any other frame, which `parseFrame` has to read
 */
export function readMessage(raw: unknown, head: string, maxLength: number): { message: unknown; json: string } | null {
  if (typeof raw !== "string" || raw.length > maxLength || !raw.startsWith(head) || !raw.endsWith("}")) return null
  const json = raw.slice(head.length, -1)
  try {
    return { message: JSON.parse(json) as unknown, json }
  } catch {
    return null
  }
}
