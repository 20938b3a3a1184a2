// How a cost grows: as a straight line, and as a power of what it grows with.

export type Growth = { fixed: number; each: number; power: number }

/** By least squares: `fixed + each × x`; and the `power` of x that fits the whole cost best. */
export function growthOf(points: readonly (readonly [x: number, y: number])[]): Growth {
  const [each, fixed] = line(points)
  const [power] = line(points.map(([x, y]) => [Math.log(x), Math.log(y)]))
  return { fixed, each, power }
}

function line(points: readonly (readonly [number, number])[]): [slope: number, offset: number] {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(point => point[0]), mean(point => point[1])]
  const slope = mean(point => (point[0] - x) * (point[1] - y)) / mean(point => (point[0] - x) ** 2)
  return [slope, y - slope * x]
}
