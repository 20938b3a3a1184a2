import type { Stage } from "./stage.ts"

/** Something that an application may rely on. */
export type Sentence = {
  says: string
  /** Ours is better on purpose, and this is what Rails does instead: there, the sentence must not hold. */
  rails?: string
  /** Why it cannot be asked of a real Rails server, with whatever client. */
  unkept?: string
  run: (stage: Stage) => void | Promise<void>
}
