// Keeps the figures, and writes them into docs/performance.md: each part's section and the list of goals stand between two
// marks; all around them is prose.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { draw } from "./chart.ts"
import type { Part } from "./part.ts"
import { Results, type Stored } from "./results.ts"
import { render, renderGoals } from "./section.ts"

const FIGURES = fileURLToPath(new URL("results/", import.meta.url))
const DOCUMENT = fileURLToPath(new URL("../docs/performance.md", import.meta.url))
const CHARTS = fileURLToPath(new URL("../docs/performance/", import.meta.url))

/** @returns keeps what was measured so far, in place of what was known of it before */
export function keeper({ name }: Part, results: Results): () => void {
  const known = load(name)
  return () => save(name, known ? results.over(known) : results)
}

function save(name: string, results: Results): void {
  mkdirSync(FIGURES, { recursive: true })
  writeFileSync(fileOf(name), `${JSON.stringify(results, null, 1)}\n`)
}

/** Every part that was ever measured. */
export function writeDocument(parts: readonly Part[]): void {
  mkdirSync(CHARTS, { recursive: true })
  let text = readFileSync(DOCUMENT, "utf8")
  const goals = parts.flatMap(part => {
    const results = load(part.name)
    if (!results) return []
    const section = part.section(results)
    for (const chart of section.charts) writeFileSync(`${CHARTS}${chart.name}.svg`, draw(chart))
    text = replace(text, part.name, render(section, results.conditions, "performance/"))
    return section.goals
  })
  writeFileSync(DOCUMENT, replace(text, "goals", renderGoals(goals)))
}

function load(name: string): Results | null {
  const file = fileOf(name)
  return existsSync(file) ? new Results(JSON.parse(readFileSync(file, "utf8")) as Stored) : null
}

function fileOf(name: string): string {
  return `${FIGURES}${name}.json`
}

function replace(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}.`)
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`
}
