// Several runs as one figure, and how far they lie apart.

export type Spread = { median: number; least: number; most: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const low = sorted[Math.floor(middle)] ?? NaN
  const high = sorted[Math.ceil(middle)] ?? NaN
  return { median: (low + high) / 2, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN }
}

/** Where most of the times lie, and the worst of them. */
export function describeTimes(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const share = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]?.toFixed(0)
  const parts = [0.5, 0.9, 0.99].map(part => `p${part * 100} ${share(part)}`)
  return `${sorted.length} recoveries: least ${sorted[0]?.toFixed(0)}, ${parts.join(", ")}, most ${share(1)}`
}

/** The value that this part of all is at or below. */
export function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN
}
