// Free ports, below those that Linux gives to outgoing connections (32,768 and up): while a server is down, one of its
// clients' attempts to reach it could otherwise come from that very port, and so keep it. For the same reason they are not
// among those that the embedded server takes (test/browser/lab/server.ts).

import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"

const FIRST = 10_000
const COUNT = 10_000
const taken = new Set<number>()

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port)
      return port
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
    return (server.address() as AddressInfo).port === port
  } catch {
    return false
  } finally {
    server.close()
  }
}
