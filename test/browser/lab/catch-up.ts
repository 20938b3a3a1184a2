// What the server's list of requests says about catch-up.

import type { Report, RequestSeen } from "../../../demo/server/stats.ts"

export function catchUps({ requests }: Report): RequestSeen[] {
  return requests.filter(({ method, path, limit }) => method === "GET" && path.endsWith("/messages") && limit !== "0")
}

/**
 * Catch-up requests, cut into runs: within one, each asks for what came after the page before. Reads the ids of a server
 * that never left one out, and of runs whose last page is not full.
 */
export function runs(report: Report): RequestSeen[][] {
  const found: RequestSeen[][] = []
  for (const request of catchUps(report)) {
    const run = found.at(-1)
    const before = run?.at(-1)
    const next = Number(before?.after_id) + Number(before?.limit)
    if (run && Number(request.after_id) === next) run.push(request)
    else found.push([request])
  }
  return found
}
