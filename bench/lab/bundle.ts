// Makes what the tabs load: the built package as a user's bundler would take it, and the other contestants beside it.

import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const root = fileURLToPath(new URL("../../", import.meta.url))
const bench = join(root, "bench")
const pages = join(bench, "lab/pages")

export const PAGES = ["ours", "rails", "anycable", "cable-shared-worker", "naive", "raw"] as const
const WORKERS = ["cable-shared-worker-worker", "naive-worker", "raw-worker"]

/** @param outDir gets `<page>.js`, `<contestant>-worker.js` and the package's worker as `trunkline-worker.js` */
export async function bundle(outDir: string, { minify }: { minify: boolean }): Promise<void> {
  if (!existsSync(join(bench, "node_modules/@anycable"))) run("npm", ["ci", "--prefix", bench])
  run(process.execPath, ["bin/build.mjs"])
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      minify,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries([...PAGES, ...WORKERS].map(name => [name, join(pages, `${name}.ts`)])),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  })
  if (minify) return copyFile(join(root, "dist/worker.js"), join(outDir, "trunkline-worker.js"))
  await build({ root, logLevel: "warn", build: { outDir, minify: false, emptyOutDir: false } })
  await copyFile(join(outDir, "worker.js"), join(outDir, "trunkline-worker.js"))
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed.`)
}
