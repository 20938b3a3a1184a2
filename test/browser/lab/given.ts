// What a tab was given, against all that it should have been.

import { expect } from "vitest"

import { isEmbedded } from "./servers.ts"
import { shown } from "./shown.ts"
import type { Tab } from "./tab.ts"

/**
 * Each once and nothing else, in this order. Rails broadcasts in any order: over it, in the order in which an application
 * shows them that puts late ones where they say that they belong.
 */
export async function expectGiven(tab: Tab, ids: readonly number[]): Promise<void> {
  await untilGiven(tab, ids)
  expect(isEmbedded() ? await tab.ids() : shown(await tab.received())).toEqual(ids)
}

/** Waits for all of them. */
export function untilGiven(tab: Tab, ids: readonly number[], of = "chat"): Promise<void> {
  return tab.until(
    (told, ids, of) => {
      const given = new Set(
        told.map(each => each.type === "received" && each.of === of && (each.message as { id?: number }).id),
      )
      return ids.every(id => given.has(id))
    },
    ids,
    of,
  )
}
