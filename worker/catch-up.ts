// One HTTP request to the catch-up endpoint, and what its answer means. Asking again is the core's business.

import { isRecord } from "../shared/frame.ts"
import { readPath } from "../shared/entry.ts"
import type { FetchResult, PageRequest } from "./core/event.ts"

/** Statuses that another try may change; all other 4xx will not. */
const RETRIABLE = [408, 425, 429]

/** Never rejects: whatever goes wrong is an answer. */
export async function fetchPage(request: PageRequest, signal: AbortSignal): Promise<FetchResult> {
  try {
    const response = await fetch(pageUrl(request), {
      headers: { Accept: "application/json", ...request.catchUp.headers, ...request.headers },
      credentials: "include",
      redirect: "error", // a redirect to the log-in page is not a page of messages
      cache: "no-store",
      signal: AbortSignal.any([signal, AbortSignal.timeout(request.catchUp.timeout)]),
    })
    if (response.ok) return readBody(await response.json(), request)
    return readStatus(response)
  } catch {
    return { type: "failed", retryAfter: null }
  }
}

function pageUrl({ catchUp, after, limit }: PageRequest): URL {
  const url = new URL(catchUp.url)
  for (const [name, value] of Object.entries(catchUp.params)) url.searchParams.set(name, value)
  if (after !== null) url.searchParams.set(catchUp.cursorParam, after)
  url.searchParams.set(catchUp.limitParam, String(limit))
  return url
}

function readStatus({ status, headers }: Response): FetchResult {
  if (status === 401 || status === 403) return { type: "unauthorized" }
  if (status < 500 && status >= 400 && !RETRIABLE.includes(status)) return { type: "gone" }
  return { type: "failed", retryAfter: retryAfter(headers.get("Retry-After")) }
}

function readBody(body: unknown, { catchUp, limit }: PageRequest): FetchResult {
  const messages = readPath(body, catchUp.messages)
  const hasMore = readPath(body, catchUp.hasMore)
  const isPage = isRecord(body) && (Array.isArray(messages) || limit === 0)
  if (!isPage) return { type: "failed", retryAfter: null }
  return {
    type: "page",
    messages: Array.isArray(messages) ? messages : [],
    hasMore: typeof hasMore === "boolean" ? hasMore : null,
    cursor: readCursor(readPath(body, catchUp.cursor)),
  }
}

function readCursor(cursor: unknown): string | null | undefined {
  if (cursor === null || (typeof cursor === "string" && cursor !== "")) return cursor
  return typeof cursor === "number" && Number.isSafeInteger(cursor) ? String(cursor) : undefined
}

/** Seconds or a date, in milliseconds from now. */
function retryAfter(value: string | null): number | null {
  if (value === null) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
