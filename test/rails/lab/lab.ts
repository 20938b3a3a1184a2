// What the tests against Rails begin with: one cluster for the file, and for each engine a browser. Tests do not get in each
// other's way because each has a conversation and an identity of its own, hence a stream and a hub.

import { afterAll, afterEach, beforeAll } from "vitest"

import type { ConsumerOptions, SubscriptionOptions } from "../../../client/index.ts"
import { end, launch, type Engine, type Running } from "../../browser/lab/browser.ts"
import { makeSite, type Site } from "../../browser/lab/site.ts"
import { Tab } from "../../browser/lab/tab.ts"
import type { PageOptions } from "../../browser/fixture/told.ts"
import { Cluster, type ClusterOptions } from "./cluster.ts"

/** To be called at the file's top level. The cluster is there once tests run. */
export function useCluster(options: Omit<ClusterOptions, "site">): { readonly cluster: Cluster } {
  let site: Site | undefined
  let cluster: Cluster | undefined
  beforeAll(async () => {
    site = makeSite()
    cluster = await Cluster.start({ ...options, site: site.directory })
  })
  afterAll(async () => {
    await cluster?.stop()
    site?.remove()
  })
  return {
    get cluster() {
      if (!cluster) throw new Error("The cluster has not started")
      return cluster
    },
  }
}

/** To be called within `describe`. */
export function useBrowser(engine: Engine, site: { readonly cluster: Cluster }): Lab {
  let running: Running | undefined
  const tabs: Tab[] = []
  beforeAll(async () => {
    running = await launch(engine)
  })
  afterAll(async () => {
    if (running) await end(running)
  })
  afterEach(async ({ task }) => {
    const closing = tabs.splice(0)
    if (task.result?.state === "fail") {
      for (const tab of closing) console.error(await tab.describe())
      for (const { name, service } of site.cluster.nodes) console.error(name, service.output)
    }
    await Promise.all(closing.map(async tab => tab.page.isClosed() || tab.close()))
  })
  return new Lab(async (options, origin = site.cluster.origin) => {
    if (!running) throw new Error("The browser has not started")
    const tab = await Tab.open(running.browser, origin, options)
    tabs.push(tab)
    return tab
  })
}

type Tabs = { 1: [Tab]; 2: [Tab, Tab]; 3: [Tab, Tab, Tab] }

let conversations = 0

/** A conversation that no other test has. */
export function newConversation(): string {
  conversations += 1
  return `conversation-${process.pid}-${conversations}`
}

export type Wanted = PageOptions["subscriptions"][string] & { options: SubscriptionOptions }

/** A subscription to a conversation of the sample application. */
export function chat(
  conversation: string,
  after: SubscriptionOptions["after"],
  more: SubscriptionOptions = {},
): Wanted {
  const params = { session: "s1", conversation }
  return {
    channel: { channel: "WebchatChannel", id: 42, ...params },
    options: { after: after ?? null, catchUp: { url: "/webchats/42/messages", params }, ...more },
  }
}

/** A page whose hub is this conversation's alone. */
export function pageOf(
  conversation: string,
  subscriptions: PageOptions["subscriptions"],
  consumer: ConsumerOptions = {},
): PageOptions {
  return { consumer: { identity: conversation, ...consumer }, subscriptions }
}

/** The same with one subscription, named `chat`. */
export function chatPage(conversation: string, after: SubscriptionOptions["after"], more: SubscriptionOptions = {}) {
  return pageOf(conversation, { chat: chat(conversation, after, more) })
}

export class Lab {
  /** A new tab, in front of the others. `null`: a page that does nothing by itself. */
  readonly open: (options: PageOptions | null, origin?: string) => Promise<Tab>

  constructor(open: Lab["open"]) {
    this.open = open
  }

  /** So many tabs that show the same, all of them caught up. */
  async openAll<Count extends 1 | 2 | 3>(count: Count, options: PageOptions): Promise<Tabs[Count]> {
    const tabs: Tab[] = []
    for (let n = 0; n < count; n++) {
      const tab = await this.open(options)
      await tab.untilCaughtUp()
      tabs.push(tab)
    }
    return tabs as Tabs[Count]
  }
}
