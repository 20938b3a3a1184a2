// Charts as SVG that stands in a light page and in a dark one. Lines over a number, with the spread of the runs; both axes
// are logarithmic, so equal factors look alike.

export type Point = { x: number; median: number; least: number; most: number }
/** `name`: of its file. */
export type Chart = { name: string; title: string; x: string; y: string; series: readonly Series[] }
export type Series = { name: string; points: readonly Point[] }

const WIDTH = 860
const HEIGHT = 420
const PLOT = { left: 70, top: 44, right: 560, bottom: 370 }
const COLOURS = ["#d03a2b", "#2b6fd0", "#2c9a5b", "#b07d12", "#8250c4", "#0f8f9c", "#c2418c", "#6b7280", "#64801f"]
const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.grid{stroke:#8884}.title{font-weight:600;font-size:15px}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}}`

export function draw({ title, x, y, series }: Chart): string {
  const drawn = series.map(each => ({ ...each, points: each.points.filter(({ median }) => median > 0) }))
  const points = drawn.flatMap(each => each.points)
  const xs = [...new Set(points.map(point => point.x))].toSorted((a, b) => a - b)
  const across = scale(Math.min(...xs), Math.max(...xs), PLOT.left + 12, PLOT.right - 12)
  const ticks = ticksBetween(Math.min(...points.map(({ least }) => least)), Math.max(...points.map(({ most }) => most)))
  const up = scale(ticks[0] ?? 1, ticks.at(-1) ?? 1, PLOT.bottom, PLOT.top)
  const rows = ticks.map(tick => {
    const at = up(tick)
    return `<path class="grid" d="M${PLOT.left} ${at.toFixed(1)}H${PLOT.right}"/>${text(PLOT.left - 8, at + 4, format(tick), "end")}`
  })
  const columns = xs.map(tick => text(across(tick), PLOT.bottom + 20, String(tick), "middle"))
  const lines = drawn.map((each, n) => drawSeries(each, COLOURS[n % COLOURS.length] ?? "", across, up))
  const legend = drawn.map(({ name }, n) => {
    const at = PLOT.top + 14 + n * 22
    const colour = COLOURS[n % COLOURS.length]
    return `<path stroke="${colour}" stroke-width="3" d="M${PLOT.right + 20} ${at - 4}h18"/>${text(PLOT.right + 46, at, name)}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escape(title)}</title><style>${STYLE}</style>`,
    `<text class="title" x="${PLOT.left}" y="20">${escape(title)}</text>`,
    text(PLOT.left, 36, y),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, x, "middle"),
    ...rows,
    ...columns,
    ...lines,
    ...legend,
    "</svg>\n",
  ].join("\n")
}

type Scale = (value: number) => number

function drawSeries({ points }: Series, colour: string, across: Scale, up: Scale): string {
  const places = points.map(({ x, median }) => `${across(x).toFixed(1)} ${up(median).toFixed(1)}`)
  const whiskers = points.map(
    ({ x, least, most }) => `M${across(x).toFixed(1)} ${up(least).toFixed(1)}V${up(most).toFixed(1)}`,
  )
  const dots = points.map(
    ({ x, median }) => `<circle cx="${across(x).toFixed(1)}" cy="${up(median).toFixed(1)}" r="3.5"/>`,
  )
  return `<g stroke="${colour}" fill="${colour}"><path fill="none" stroke-width="2" d="M${places.join("L")}"/><path stroke-opacity=".5" d="${whiskers.join("")}"/>${dots.join("")}</g>`
}

/** Equal factors are equal distances; a single value is in the middle. */
function scale(least: number, most: number, from: number, to: number): Scale {
  const span = Math.log(most / least)
  return value => (span === 0 ? (from + to) / 2 : from + ((to - from) * Math.log(value / least)) / span)
}

/** 1, 2 and 5 times powers of ten, the first at or below `least`, the last at or above `most`. */
function ticksBetween(least: number, most: number): number[] {
  const all: number[] = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const digit of [1, 2, 5]) all.push(digit * 10 ** power)
  }
  const first = all.findLastIndex(tick => tick <= least)
  const last = all.findIndex(tick => tick >= most)
  return all.slice(Math.max(0, first), last + 1)
}

function format(tick: number): string {
  return tick >= 1 ? tick.toLocaleString("en") : String(Number(tick.toPrecision(1)))
}

function text(x: number, y: number, content: string, anchor = "start"): string {
  return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" text-anchor="${anchor}">${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
}
