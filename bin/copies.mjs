// Copies of the sources with a mistake in each, and the simulation run in them: `npm run sim:mutants` makes its mistakes by
// hand, `npm run mutation` takes those that the core's own tests let live.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Worker } from "node:worker_threads"
import { FIXED } from "../test/simulation/schedule.ts"

const cache = fileURLToPath(new URL("../.cache/copies", import.meta.url))
const root = fileURLToPath(new URL("..", import.meta.url))
export const PARTS = ["shared", "worker", "client", "test/simulation"]
/** A block takes less than a second on an idle machine; a mistake may make it go round in circles. */
const BLOCK_WITHIN_MS = 180_000

/** Gives `use` the folder of a copy, and removes it afterwards. */
export async function withCopy(use) {
  mkdirSync(cache, { recursive: true })
  const copy = mkdtempSync(join(cache, "copy-"))
  try {
    for (const part of PARTS) cpSync(join(root, part), join(copy, part), { recursive: true })
    return await use(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/**
 * The schedules that are always the same, a block after the other.
 *
 * @returns which schedule broke what, or hangs; `null` if all promises hold
 */
export async function firstBroken(copy, blocks = FIXED.blocks) {
  const worker = new Worker(pathToFileURL(join(copy, "test/simulation/worker.ts")))
  try {
    for (let seed = 1; seed <= blocks; seed++) {
      const result = await run(worker, { seed, runs: FIXED.block, shrinks: false })
      const before = (seed - 1) * FIXED.block
      if (!result) return { schedule: before + 1, promise: "it never ends" }
      const { broken, tally } = result
      if (broken) return { schedule: before + tally.schedules, promise: broken.promise.split("\n")[0] }
    }
    return null
  } finally {
    await worker.terminate()
  }
}

/** @returns `null` if it takes too long */
function run(worker, block) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const timer = setTimeout(() => resolve(null), BLOCK_WITHIN_MS)
  worker.removeAllListeners().once("message", resolve).once("error", reject)
  worker.postMessage(block)
  return promise.finally(() => clearTimeout(timer))
}
