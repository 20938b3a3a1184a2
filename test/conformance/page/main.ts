// The page in which sentences are run. The tests call `conformance` with what they want to know.

import type { Library } from "../libraries.ts"
import { connection } from "./connection.ts"
import { consumer } from "./consumer.ts"
import { messages } from "./messages.ts"
import { Broken, Stage } from "./stage.ts"
import { subscriptions } from "./subscriptions.ts"

declare global {
  interface Window {
    /** @returns why the sentence does not hold, or `null` */
    conformance: (says: string, library: Library, patience: number) => Promise<string | null>
  }
}

window.conformance = async (says, library, patience) => {
  const sentence = [consumer, connection, subscriptions, messages].flat().find(each => each.says === says)
  if (!sentence) throw new Error(`Nobody says: ${says}`)
  const stage = new Stage(library, (await import(library.module)) as Stage["api"], patience)
  try {
    await sentence.run(stage)
    return null
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  }
}
