// Before each file of the project `rails`: what test/browser asks of the embedded server is here asked of real Rails. One
// cluster for a file, which each test finds as if it were new.

import { afterAll } from "vitest"

import { serveBy } from "../../browser/lab/servers.ts"
import { Cluster } from "./cluster.ts"
import { RailsStand } from "./stand.ts"

let cluster: Cluster | undefined

serveBy(async site => {
  cluster ??= await Cluster.start({ adapter: "redis", nodes: 1, site })
  return RailsStand.on(cluster, site)
})

afterAll(async () => {
  await cluster?.stop()
})
