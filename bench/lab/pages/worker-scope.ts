// A SharedWorker's global scope: TypeScript knows it or the page's, not both.

type Scope = { name: string; onconnect: ((event: MessageEvent) => void) | null }

const scope = globalThis as unknown as Scope

export const workerName = scope.name

export function onConnect(connected: (port: MessagePort) => void): void {
  scope.onconnect = ({ ports: [port] }) => {
    if (port) connected(port)
  }
}
