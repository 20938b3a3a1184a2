// The ActionCable socket, by @rails/actioncable's own `Connection` without its monitor and consumer: the stock consumer
// sends `subscribe` again every 500 ms, drops the disconnect reason, throws on malformed JSON, and waits 6 s of silence
// before it comes back after a restart. Frames go to shared/frame as they came.

import { Connection } from "@rails/actioncable"

export interface CableEvents {
  frame(raw: unknown): void
  /** Once, unless dropped before. */
  closed(reason: string): void
}

/** The interface that other cables (AnyCable) fulfil too. */
export interface CableSocket {
  send(text: string): void
  /**
   * At once and for good, whatever the state: no event follows.
   *
   * @returns when the server has closed its end too; a server that is gone makes that take long
   */
  drop(): Promise<void>
}

/** @param url absolute ws(s): there is no document to resolve it against */
export function openCable(url: string, subprotocols: readonly string[], events: CableEvents): CableSocket {
  const connection = new RawConnection({ url, subprotocols: [...subprotocols], subscriptions: null })
  connection.events = {
    open() {
      // Firefox opens with no protocol at all where Chromium fails.
      if (!connection.isProtocolSupported()) close("unsupported protocol")
    },
    message: event => events.frame(event.data),
    close: event => closed(`closed ${event.code}`),
    error() {},
  }

  let isOver = false
  function closed(reason: string): void {
    if (isOver) return
    isOver = true
    events.closed(reason)
  }
  /** A peer that ignores the close would keep the event out for up to a minute; ours is told at once. */
  function drop(): Promise<void> {
    isOver = true
    const { webSocket } = connection
    if (!webSocket) return Promise.resolve() // none could be made at all
    connection.uninstallEventHandlers()
    if (webSocket.readyState === webSocket.CLOSED) return Promise.resolve()
    // Connection#close does nothing while connecting, and the socket would then open later.
    webSocket.close()
    return new Promise(resolve => webSocket.addEventListener("close", () => resolve(), { once: true }))
  }
  function close(reason: string): void {
    const wasOver = isOver
    void drop()
    if (!wasOver) events.closed(reason)
  }

  try {
    connection.open()
  } catch (error) {
    // A URL that no WebSocket can be made of, or a policy that forbids it.
    queueMicrotask(() => closed(String(error)))
  }
  return { send: text => connection.webSocket?.send(text), drop }
}

/** The hub watches for silence itself, on a clock that the tests can turn. */
class RawConnection extends Connection {
  override monitor = { start() {}, stop() {} }
}
