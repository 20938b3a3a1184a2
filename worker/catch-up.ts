// One HTTP request to the catch-up endpoint, and what its answer means. Asking again is the core's business.

import { isRecord } from "../shared/frame.ts"
import { readPath } from "../shared/entry.ts"
import type { FetchResult, PageRequest } from "./core/event.ts"

/** Statuses that another try may change; all other 4xx will not. */
const RETRIABLE = [408, 425, 429]

/**
 * Never rejects: whatever goes wrong is an answer.
 *
 * @param mark query parameters that all of this hub's requests carry
 */
export async function fetchPage(request: PageRequest, mark: Params, signal: AbortSignal): Promise<FetchResult> {
  try {
    const response = await fetch(withParams(pageUrl(request), mark), {
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

export type Params = Readonly<Record<string, string>>

function pageUrl({ catchUp, after, limit }: PageRequest): string {
  const cursor = after === null ? {} : { [catchUp.cursorParam]: after }
  return withParams(catchUp.url, { ...catchUp.params, ...cursor, [catchUp.limitParam]: String(limit) })
}

/** Leaves a URL as it is where there is nothing to add, also one that is none. */
export function withParams(url: string, params: Params): string {
  const added = Object.entries(params)
  if (added.length === 0) return url
  const parsed = new URL(url)
  for (const [name, value] of added) parsed.searchParams.set(name, value)
  return parsed.href
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
