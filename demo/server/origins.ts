// Which pages may open the cable and read answers. Rails calls it `allowed_request_origins`.

export class Origins {
  readonly #allowed: Set<string>

  /** @param others beside localhost on the server's own port */
  constructor(port: number, others: readonly string[]) {
    const own = ["localhost", "127.0.0.1"].map(host => `http://${host}:${port}`)
    this.#allowed = new Set([...own, ...others])
  }

  /** Without an `Origin` there is no browser, hence nobody whose cookies could be abused. */
  allows(origin: string | undefined): boolean {
    return origin === undefined || this.#allowed.has(origin)
  }
}
