// What is sent: a persisted message as an application would broadcast it, always the same size.

export const MESSAGE_BYTES = 200

/** `end` closes a flood: it tells a tab that nothing more follows. */
export type Message = { id: number; created_at: string; type: "message" | "end"; body: string }

export function messageText(id: number, type: Message["type"], now: Date): string {
  const head = `{"id":${id},"created_at":"${now.toISOString()}","type":"${type}","body":"`
  return `${head.padEnd(MESSAGE_BYTES - 2, TEXT)}"}`
}

const TEXT = "the quick brown fox jumps over the lazy dog and goes home "
