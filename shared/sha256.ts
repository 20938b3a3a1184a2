// SHA-256 (FIPS 180-4), at once: Web Crypto only answers later, and not at all on insecure origins. For what a server
// compares with a digest of its own; names are made of the shorter one in identity.ts.

const primes = Array.from({ length: 312 }, (_, n) => n).filter(n => n > 1 && isPrime(n))
const CONSTANTS = primes.map(prime => fraction(Math.cbrt(prime)))
const START = primes.slice(0, 8).map(prime => fraction(Math.sqrt(prime)))

/** @returns 64 hexadecimal digits, of the text's UTF-8 */
export function sha256(text: string): string {
  const message = padded(new TextEncoder().encode(text))
  let state = START
  for (let block = 0; block < message.byteLength; block += 64) state = compress(state, new DataView(message, block, 64))
  return state.map(word => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

function padded(bytes: Uint8Array): ArrayBuffer {
  const message = new Uint8Array((((bytes.length + 8) >> 6) + 1) * 64)
  message.set(bytes)
  message[bytes.length] = 0x80
  new DataView(message.buffer).setUint32(message.length - 4, bytes.length * 8)
  return message.buffer
}

function compress(state: readonly number[], block: DataView): number[] {
  const words: number[] = []
  const word = (i: number) => words[i] ?? 0
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  CONSTANTS.forEach((constant, i) => {
    const [near, far] = [word(i - 15), word(i - 2)]
    words[i] =
      i < 16
        ? block.getUint32(i * 4)
        : (word(i - 16) +
            (turn(near, 7) ^ turn(near, 18) ^ (near >>> 3)) +
            word(i - 7) +
            (turn(far, 17) ^ turn(far, 19) ^ (far >>> 10))) |
          0
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constant + word(i)
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  })
  return [a, b, c, d, e, f, g, h].map((value, i) => (value + (state[i] ?? 0)) | 0)
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** The first 32 bits behind the point. */
function fraction(x: number): number {
  return ((x % 1) * 2 ** 32) | 0
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return true
}
