// A little life for an empty database: two conversations, one of them long enough to be paged backwards.

import type { Author, Messages } from "./server/messages.ts"

const ORDER: readonly (readonly [Author, string])[] = [
  ["visitor", "Hi! I ordered forty metres of mooring line yesterday. Has it left the warehouse yet?"],
  ["agent", "Good morning! One moment, I am looking it up."],
  ["agent", "It has: it was handed to the carrier at six this morning. You should have it tomorrow before noon."],
  ["visitor", "Perfect. Can the driver leave it with the harbour master? I am on the boat until three."],
  ["agent", "I have put that on the label. Anything else I can do?"],
]

const RETURNS: readonly (readonly [Author, string])[] = [
  ["visitor", "Two of the shackles are the wrong size."],
  ["agent", "Sorry about that! Which size do you have, and which do you need?"],
]

const LOG_BOOK_LINES = 60

export function seed(messages: Messages): void {
  if (messages.count() > 0) return
  const logBook = Array.from({ length: LOG_BOOK_LINES }, (_, n): readonly [Author, string] => [
    n % 3 === 0 ? "visitor" : "agent",
    `Line ${n + 1} of the log book.`,
  ])
  for (const [conversation, lines] of Object.entries({ "Log book": logBook, Returns: RETURNS, "Order 1042": ORDER })) {
    messages.persistAll(lines.map(([author, body]) => ({ conversation, author, body })))
  }
}
