// When somebody of ours missed a message or was given one twice: which, and all that happened to everybody. Such a thing may
// come once in many rounds, so what is not kept then is lost.

import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import type { Scene } from "./round.ts"

/** @returns the file in which it is */
export async function keepEvidence({ tabs, visitors }: Scene, persisted: readonly number[]): Promise<string> {
  const evidence = {
    persisted,
    tabs: await Promise.all(tabs.map(async tab => ({ told: await tab.told(), hub: await tab.inspect() }))),
    ours: (await Promise.all(visitors.map(process => process.histories()))).flat(),
  }
  const file = join(mkdtempSync(join(tmpdir(), "trunkline-failover-")), "evidence.json")
  writeFileSync(file, JSON.stringify(evidence))
  return file
}
