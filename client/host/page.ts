// The hub in this very page, which then has a cable of its own: the last resort. Loaded when it is needed, so it imports
// nothing that other pages need.

/** What this page needs of worker/entry.ts; the script is self-contained and the same for every host. */
type WorkerModule = {
  connectPage(
    port: MessagePort,
    options: { host: "page" | "leader-tab"; name: string; WebSocket: typeof WebSocket | undefined },
  ): void
}

/** Resolves with the hub's hello, to which `listen` listens. */
export async function dialPage(
  script: string,
  name: string,
  ownWebSocket: typeof WebSocket | undefined,
  listen: (port: MessagePort) => Promise<void>,
): Promise<void> {
  const hub = (await import(/* @vite-ignore */ /* webpackIgnore: true */ script)) as WorkerModule
  const { port1, port2 } = new MessageChannel()
  const greeted = listen(port1)
  hub.connectPage(port2, { host: "page", name, WebSocket: ownWebSocket })
  await greeted
}
