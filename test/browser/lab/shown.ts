// What an application shows that puts late messages where they say that they belong.

import type { Received } from "./tab.ts"

/** The ids from top to bottom. */
export function shown(received: readonly Received[], rendered: readonly number[] = []): number[] {
  const list = [...rendered]
  for (const { message, delivery } of received) {
    const place = delivery.late ? list.indexOf(Number(delivery.late.before)) : list.length
    list.splice(place < 0 ? list.length : place, 0, message.id)
  }
  return list
}
