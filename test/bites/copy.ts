// A copy of the project that may be broken. It shares node_modules with the original and has its own dist.

import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"

const LEFT_OUT = /^(\.git|\.cache|dist|(.*\/)?node_modules|demo\/dist|.*\.sqlite.*)$/

export type Copy = {
  folder: string
  /** @returns why the patch does not apply to the letter (line numbers may be off), or `null` once it is applied */
  apply(patch: string): string | null
  revert(patch: string): void
  remove(): void
}

export function copyProject(root: string): Copy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trunkline-bites-")))
  cpSync(root, folder, { recursive: true, filter: path => !LEFT_OUT.test(relative(root, path)) })
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction")
  const git = (...args: string[]) => {
    // Outside of any repository, whatever surrounds the temporary folder.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: join(folder, "..") }
    const { status, stderr, error } = spawnSync("git", args, { cwd: folder, env, encoding: "utf8" })
    return status === 0 ? null : stderr.trim() || String(error)
  }
  return {
    folder,
    apply: patch => git("apply", patch),
    revert(patch) {
      const trouble = git("apply", "--reverse", patch)
      if (trouble) throw new Error(`${patch} cannot be taken back: ${trouble}`)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
