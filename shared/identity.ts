// From what a hub is for (cable URL, identity, bridge version) to the names that find it. Identifiers and identities may
// carry session tokens, so only digests become names of workers, locks, channels and database rows.

export type HubKey = {
  /** Absolute ws(s) URL. Its query and fragment are not part of the key: tokens in it do not make another hub. */
  url: string
  identity: string
  bridge: number
}

/** What pages know. */
export type PageNames = {
  worker: string
  mutex: string
  /** Held by the hub of this epoch; for `""`, what all these names begin with. */
  alive: (epoch: number | "") => string
  /** Held by the page that took the mutex from the hub of this epoch. */
  deposed: (epoch: number) => string
  /** The channel that all hubs and tabs of the key hear. */
  news: string
}

export type HubNames = PageNames & {
  /** The channel that all hubs of the identity hear, of other bridge versions too. */
  peers: string
  rows: string
  /** How often a worker of this name lost its database and was replaced by one of another name. */
  round: number
}

export function pageNames(key: HubKey): PageNames {
  return named(`trunkline/${key.bridge}/${digest(`${key.url.replace(/[?#].*$/, "")}\n${key.identity}`)}`)
}

function named(worker: string): PageNames {
  return {
    worker,
    mutex: `${worker}/mutex`,
    alive: epoch => `${worker}/alive/${epoch}`,
    deposed: epoch => `${worker}/deposed/${epoch}`,
    news: `${worker}/news`,
  }
}

/** From a worker's name: all that a SharedWorker is told of what it is for. */
export function namesOf(name: string): HubNames {
  const [worker = name, round = 0] = name.split(/\/r(?=\d+$)/)
  const rows = worker.replace(/^trunkline\/\d+\//, "") // no bridge version: a new build goes on where the old one left off
  return { ...named(worker), peers: `trunkline/${rows}/peers`, rows, round: Number(round) }
}

/** The name of the worker that replaces one whose database is lost to it. */
export function workerName({ worker }: PageNames, round: number): string {
  return round > 0 ? `${worker}/r${round}` : worker
}

/** The database key of one stream's cursor. */
export function rowKey(rows: string, identifier: string): string {
  return `${rows}/${digest(identifier)}`
}

/**
 * 106 bits as text, at once: Web Crypto only answers later, and not at all on insecure origins. Two rounds of cyrb53
 * (bryc, public domain). It hides tokens and separates names; whoever acts on a match compares the full values too.
 */
export function digest(text: string): string {
  return cyrb53(text, 0).toString(36) + "-" + cyrb53(text, 0x5bd1e995).toString(36)
}

function cyrb53(text: string, seed: number): number {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ seed
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
