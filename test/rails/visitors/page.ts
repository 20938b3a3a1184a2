// The little of a page that the package and `@rails/actioncable` ask for, in Node: enough for the host `page`, whose hub is
// the same as a worker's and opens real sockets. They ask for it when they are used, not when they are imported.

const listeners = { addEventListener() {}, removeEventListener() {} }
const document = {
  ...listeners,
  baseURI: "http://127.0.0.1/",
  visibilityState: "visible",
  head: { querySelector: () => null },
}

Object.assign(globalThis, listeners, {
  document,
  isSecureContext: true,
  reportError: (error: unknown) => console.error(error),
})

/** @returns a WebSocket that says from which origin it comes, as a browser's does and Rails demands */
export function webSocketFrom(origin: string): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      // Node's own accepts headers where browsers accept nothing more.
      super(url, { protocols, headers: { origin } } as unknown as string[])
    }
  }
}
