// What TypeScript may know of a channel. Who says nothing is asked for nothing: messages are then what JSON.parse returns,
// and any action takes any data.
//
//   type ChatChannel = { params: { id: number }; message: Message; actions: { speak: { body: string }; typing: undefined } }
//   consumer.subscriptions.create<ChatChannel>({ channel: "ChatChannel", id: 42 }, { received(message) { … } })

/** Each part may be left out; an action that takes no data has `undefined`. */
export interface ChannelType {
  /** What names the channel beside `channel`. */
  params?: object
  /** What `received` gets. */
  message?: unknown
  /** What `perform` takes, by the action's name. */
  actions?: object
}

/** `any`, so that code without types stays without. */
export type Json = ReturnType<JSON["parse"]>

export type ChannelParams = { channel: string; [param: string]: unknown }

export type ParamsOf<Channel> = Channel extends { params: infer Params extends object }
  ? Params & { channel: string }
  : string | ChannelParams

export type MessageOf<Channel> = Channel extends { message: infer Message } ? Message : Json

type ActionsOf<Channel> = Channel extends { actions: infer Actions extends object }
  ? Actions
  : Record<string, object | undefined>

/** The arguments of `perform`: an action's name and what it takes. */
export type PerformOf<Channel> = {
  [Action in keyof ActionsOf<Channel>]: undefined extends ActionsOf<Channel>[Action]
    ? [action: Action, data?: ActionsOf<Channel>[Action]]
    : [action: Action, data: ActionsOf<Channel>[Action]]
}[keyof ActionsOf<Channel>]
