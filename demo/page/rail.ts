// The agent's list of conversations: the line below the one that is open follows what is said in it.

import type { Author, Message } from "../server/messages.ts"

export function showLast({ author, body }: Message, role: Author): void {
  const line = document.querySelector(".rail__link[aria-current] .rail__snippet")
  if (line) line.textContent = author === role ? `You: ${body}` : body
}
