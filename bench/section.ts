// What a part has to say, for people: tables, charts, goals. Markdown, which is also readable in a terminal.

import type { Chart } from "./chart.ts"
import type { Conditions } from "./results.ts"
import { spreadOf, type Spread } from "./spread.ts"

export type Table = { title: string; head: readonly string[]; rows: readonly (readonly string[])[] }
/** `seen`: with its unit. */
export type Goal = { goal: string; seen: string; isMet: boolean }
export type Section = {
  title: string
  tables: readonly Table[]
  charts: readonly Chart[]
  goals: readonly Goal[]
  remarks: readonly string[]
}

/** @param charts where the charts' files are, seen from the document */
export function render({ title, tables, charts, remarks }: Section, conditions: Conditions, folder = ""): string {
  const images = charts.map(({ name, title: of }) => `![${of}](${folder}${name}.svg)`)
  const blocks = [`## ${title}`, describe(conditions), ...(folder ? images : []), ...tables.map(renderTable)]
  if (remarks.length > 0) blocks.push(remarks.map(remark => `- ${remark}`).join("\n"))
  return blocks.join("\n\n")
}

export function renderGoals(goals: readonly Goal[]): string {
  const rows = goals.map(({ goal, seen, isMet }) => [goal, seen, isMet ? "met" : "**missed**"])
  return align(["goal", "seen", ""], rows)
}

/** Median, and the least and the most of all runs. */
export function cell({ median, least, most }: Spread, digits = 1): string {
  if (Number.isNaN(median)) return "–"
  return `${median.toFixed(digits)} [${least.toFixed(digits)}–${most.toFixed(digits)}]`
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`
}

function describe({ machine, loads, browsers }: Conditions): string {
  const { median, least, most } = spreadOf(loads)
  const load = `load ${median.toFixed(1)} [${least.toFixed(1)}–${most.toFixed(1)}]`
  return `${[...browsers, machine].join(", ")}, ${load} over ${loads.length} runs.`
}

function renderTable({ title, head, rows }: Table): string {
  return `${title}:\n\n${align(head, rows)}`
}

function align(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(" | ")} |`
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`
  return [line(head), rule, ...rows.map(line)].join("\n")
}
