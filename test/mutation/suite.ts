// What the core's tests use of vitest, as data: a test that is one function can be run again for each change, in a
// millisecond. Vitest itself starts a thread for each, which takes half a second.

export { expect } from "vitest"

type Body = () => unknown
/** `before`: what is to run before it, as it is known once the file is loaded. */
export type Test = { id: string; before: () => readonly Body[]; body: Body }
type Scope = { name: string; before: Body[] }

const tests = new Map<string, Test>()
let scopes: Scope[] = []

/** Loads a file of tests. @returns its tests by id */
export async function testsOf(file: string, load: () => Promise<unknown>): Promise<ReadonlyMap<string, Test>> {
  tests.clear()
  scopes = [{ name: `${file}#`, before: [] }]
  await load()
  return new Map(tests)
}

export function describe(name: string, body: Body): void {
  scopes.push({ name: `${name} `, before: [] })
  body()
  scopes.pop()
}

export function beforeEach(body: Body): void {
  scopes.at(-1)?.before.push(body)
}

export function it(name: string, body: Body): void {
  const id = scopes.map(scope => scope.name).join("") + name
  if (tests.has(id)) throw new Error(`two tests have one name: ${id}`)
  const around = [...scopes]
  tests.set(id, { id, before: () => around.flatMap(scope => scope.before), body })
}

it.each =
  (rows: readonly unknown[]) =>
  (name: string, body: (...row: unknown[]) => unknown): void => {
    for (const [index, row] of rows.entries())
      it(`${name} [${index}]`, () => body(...(Array.isArray(row) ? row : [row])))
  }
