// A widget on somebody else's site: the customer's pages, the CDN that has the widget's code, and the vendor's server with
// cable and catch-up, each an origin of its own. The customer's policies allow what docs/embedding.md says, and no more.

import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import type { PageOptions } from "../fixture/told.ts"
import { chat } from "./chat.ts"
import type { Controlled } from "./controlled.ts"
import type { Lab } from "./lab.ts"
import { StaticServer, type File } from "./static-server.ts"
import type { Tab } from "./tab.ts"

const NONCE = "embedding"

export type Policy = {
  /** `worker-src`; `CDN` stands for the CDN's origin. */
  worker: string
  /** More of the policy. */
  more?: string
}

export class Embedding {
  readonly cdn: StaticServer
  readonly customer: StaticServer
  readonly vendor: Controlled
  readonly #lab: Lab

  private constructor(lab: Lab, cdn: StaticServer, customer: StaticServer, vendor: Controlled) {
    this.#lab = lab
    this.cdn = cdn
    this.customer = customer
    this.vendor = vendor
  }

  /** @param pages the customer's, by name: what is allowed there */
  static async start(lab: Lab, pages: Readonly<Record<string, Policy>>): Promise<Embedding> {
    const inSite = (path: string) => {
      const file = join(lab.site, path)
      return existsSync(file) ? readFileSync(file, "utf8") : undefined
    }
    const cdn = await StaticServer.start(path => {
      const body = /^(dist\/|comlink)/.test(path) ? inSite(path) : undefined
      return body === undefined ? undefined : { body, headers: { "Access-Control-Allow-Origin": "*" } }
    })
    let vendor: Controlled | undefined
    const connect = () => `connect-src ${vendor?.origin} ${vendor?.origin.replace("http", "ws")}`
    const page = ({ worker, more = "" }: Policy): File => ({
      body: (inSite("index.html") ?? "")
        .replaceAll('"/dist/', `"${cdn.origin}/dist/`)
        .replaceAll('"/comlink', `"${cdn.origin}/comlink`)
        .replaceAll("<script", `<script nonce="${NONCE}"`),
      headers: {
        "Content-Security-Policy": `default-src 'none'; img-src data:; script-src 'nonce-${NONCE}' ${cdn.origin}; ${connect()}; worker-src ${worker.replace("CDN", cdn.origin)}; ${more}`,
      },
    })
    const inFrame = new URLSearchParams({ options: JSON.stringify(chat({ after: null })) })
    const customer = await StaticServer.start(path => {
      if (path === "page.js") return { body: inSite(path) ?? "" }
      if (path === "trunkline-worker.js") {
        const headers = { "Content-Security-Policy": `default-src 'none'; script-src ${cdn.origin}; ${connect()}` }
        return { body: `export * from "${cdn.origin}/dist/worker.js"`, headers }
      }
      if (path === "frame.html") return { body: `<iframe src="${vendor?.origin}/index.html?${inFrame}"></iframe>` }
      const policy = pages[path.replace(/\.html$/, "")]
      return policy && page(policy)
    })
    vendor = await lab.serve(customer.origin)
    return new Embedding(lab, cdn, customer, vendor)
  }

  /** What the widget is told to do on the customer's pages. */
  widget(worker?: string): PageOptions {
    const { origin, port } = this.vendor
    const options = chat({ after: null, consumer: worker === undefined ? {} : { worker } })
    const catchUp = { url: `${origin}/webchats/42/messages`, params: { session: "s1", conversation: "c1" } }
    const { channel, options: subscription } = options.subscriptions["chat"] ?? { channel: { channel: "" } }
    return {
      ...options,
      url: `ws://127.0.0.1:${port}/cable`,
      subscriptions: { chat: { channel, options: { ...subscription, catchUp } } },
    }
  }

  open(page: string, options: PageOptions | null): Promise<Tab> {
    return this.#lab.open(options, page, this.customer.origin)
  }

  async stop(): Promise<void> {
    await Promise.all([this.cdn.stop(), this.customer.stop()])
  }
}
