// A bite: a patch that breaks one promise, and the test that must notice.

import { readFileSync } from "node:fs"
import { basename } from "node:path"

export type Bite = {
  name: string
  /** Absolute path of the patch. */
  patch: string
  /** What is no longer true with the patch applied, as a sentence. */
  breaks: string
  /** Where the test is: vitest project, file, and a regular expression for its full name (`describe` and `it`, by spaces). */
  project: string
  file: string
  test: string
}

/**
 * Reads the patch's header:
 *
 *     # breaks: <sentence>
 *     # test: <vitest project> <file> -t "<regular expression>"
 *
 * @throws if there is none
 */
export function readBite(patch: string): Bite {
  const text = readFileSync(patch, "utf8")
  const breaks = /^# breaks: (.+)$/m.exec(text)?.[1]
  const [, project, file, test] = /^# test: (\S+) (\S+) -t "(.+)"$/m.exec(text) ?? []
  if (!breaks || !project || !file || !test) {
    throw new Error(`${patch} lacks a header line: "# breaks: <sentence>" or '# test: <project> <file> -t "<name>"'`)
  }
  return { name: basename(patch, ".patch"), patch, breaks, project, file, test }
}
