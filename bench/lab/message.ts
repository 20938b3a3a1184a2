// What is sent: a persisted message as an application would broadcast it, always of the same size.

/** Of most measurements. */
export const MESSAGE_BYTES = 200

/** `end` closes a flood: it tells a tab that nothing more follows. `sent`: by the server's clock, where that is asked for. */
export type Message = { id: number; created_at: string; type: "message" | "end"; sent?: number; body: string }

export type MessageOptions = { type: Message["type"]; at: Date; sent?: number; bytes?: number }

export function messageText(id: number, { type, at, sent, bytes = MESSAGE_BYTES }: MessageOptions): string {
  const stamp = sent === undefined ? "" : `"sent":${sent},`
  const head = `{"id":${id},"created_at":"${at.toISOString()}","type":"${type}",${stamp}"body":"`
  return `${head.padEnd(bytes - 2, TEXT)}"}`
}

const TEXT = "the quick brown fox jumps over the lazy dog and goes home "
