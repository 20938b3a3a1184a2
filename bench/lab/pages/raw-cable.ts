// The least that a worker can do to be subscribed: what the ceiling and the naive way have in place of our cable.

/**
 * @param received gets each message's JSON text, cut out of its frame: the identifier is known, and so the text's place
 * @returns resolves when the server has confirmed
 */
export function subscribe(room: string, received: (text: string) => void): Promise<void> {
  const identifier = JSON.stringify({ channel: "BenchChannel", room, stream: 0 })
  const head = `{"identifier":${JSON.stringify(identifier)},`
  const start = `${head}"message":`.length
  const url = `${location.origin.replace("http", "ws")}/cable?room=${room}`
  const socket = new WebSocket(url, ["actioncable-v1-json", "actioncable-unsupported"])
  return new Promise(confirmed => {
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (!data.startsWith(head)) {
        if (data === '{"type":"welcome"}') socket.send(JSON.stringify({ command: "subscribe", identifier }))
      } else if (data.startsWith('"message":', head.length)) {
        received(data.slice(start, -1))
      } else {
        confirmed()
      }
    }
  })
}
