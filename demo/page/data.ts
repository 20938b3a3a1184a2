// What the server tells a page about itself, beside what it shows: JSON in a <script id="chat-data">.

import { find } from "./dom.ts"
import type { Author, Message } from "../server/messages.ts"

export type PageData = {
  role: Author
  /** Whose widget this is; names the channel's record and the URL of catch-up. */
  webchat: number
  session: string
  conversation: string
  /** Every event that the page was rendered from, oldest first: from here on messages are wanted. */
  ids: readonly number[]
  /** Reactions to the rendered messages. */
  reactions: readonly Message[]
  /** The last message that each side has seen; 0 for none. */
  seen: Readonly<Record<Author, number>>
  /** There are older messages than the rendered ones. */
  hasMore: boolean
}

export function readPageData(page: Document): PageData {
  return JSON.parse(find(page, "#chat-data", HTMLScriptElement).text) as PageData
}
