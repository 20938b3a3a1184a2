// Figures mean nothing without the machine that they come from and what else it was doing.

import { availableParallelism, cpus, loadavg, totalmem } from "node:os"

export function machine(): string {
  return `${hardware()}, load ${loadavg()
    .map(value => value.toFixed(2))
    .join(" ")}`
}

export function hardware(): string {
  const model = cpus()[0]?.model ?? "unknown processor"
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, Node ${process.version}`
}
