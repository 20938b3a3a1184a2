// What a tab asks for, with the defaults of the real options.

import type { CatchUp, StreamSettings, Want } from "../../../../shared/bridge.ts"
import { resolveSubscriptionOptions, type SubscriptionOptions } from "../../../../shared/options.ts"

export const CHAT = '{"channel":"ChatChannel","id":1}'

export type WantOptions = Partial<Omit<Want, "catchUp" | "settings" | "message">> & {
  after?: SubscriptionOptions["after"]
  catchUp?: Partial<CatchUp> | null
  settings?: Partial<StreamSettings>
  message?: Partial<Want["message"]>
}

/** What `subscriptions.create` sends; it catches up after "10" unless told otherwise. */
export function want({ after = "10", catchUp = {}, settings, message, ...rest }: WantOptions = {}): Want {
  const options = catchUp === null ? {} : { after, catchUp: { url: "/messages" } }
  const { share: _, ...resolved } = resolveSubscriptionOptions(options, "https://example.test/")
  return {
    subscription: 1,
    identifier: CHAT,
    ...resolved,
    ...rest,
    catchUp: resolved.catchUp && { ...resolved.catchUp, ...catchUp },
    settings: { ...resolved.settings, ...settings },
    message: { ...resolved.message, ...message },
  }
}
