// The database, as any page of the site sees it.

import type { Row } from "../../../worker/core/event.ts"
import type { Tab } from "./tab.ts"

/** Every row, once there is one with so many messages. Runs in the page, without its surroundings. */
async function read(count: number): Promise<Row[]> {
  for (;;) {
    const open = indexedDB.open("trunkline", 1)
    // Only a hub may make it.
    open.addEventListener("upgradeneeded", () => open.transaction?.abort())
    const rows = await new Promise<Row[]>(resolve => {
      open.addEventListener("error", () => resolve([]))
      open.addEventListener("success", () => {
        const all = open.result.transaction("cursors").objectStore("cursors").getAll()
        all.addEventListener("success", () => resolve(all.result))
        open.result.close()
      })
    })
    if (count === 0 || rows.some(({ position }) => position.seen.length >= count)) return rows
  }
}

/** Waits until a cursor that covers so many messages is stored. */
export async function untilStored(tab: Tab, count: number): Promise<void> {
  await tab.evaluate(read, count)
}

export function storedRows(tab: Tab): Promise<Row[]> {
  return tab.evaluate(read, 0)
}
