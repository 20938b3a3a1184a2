// Makes what the tabs load: the built package as a user's bundler would take it, and the other contestants beside it.

import { spawnSync } from "node:child_process"
import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const root = fileURLToPath(new URL("../../", import.meta.url))
const pages = fileURLToPath(new URL("pages/", import.meta.url))

/** @param outDir gets `<page>.js`, `<contestant>-worker.js` and the package's worker as `trunkline-worker.js` */
export async function bundle(outDir: string, { minify }: { minify: boolean }): Promise<void> {
  const { status } = spawnSync(process.execPath, ["bin/build.mjs"], { cwd: root, stdio: "inherit" })
  if (status !== 0) throw new Error("The package could not be built.")
  const names = ["ours", "raw", "raw-worker", "naive", "naive-worker"]
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    resolve: { alias: { trunkline: join(root, "dist/client/index.js") } },
    build: {
      outDir,
      emptyOutDir: false,
      target: "es2022",
      minify,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: Object.fromEntries(names.map(name => [name, join(pages, `${name}.ts`)])),
        output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
      },
    },
  })
  if (minify) return copyFile(join(root, "dist/worker.js"), join(outDir, "trunkline-worker.js"))
  await build({ root, logLevel: "warn", build: { outDir, minify: false, emptyOutDir: false } })
  await copyFile(join(outDir, "worker.js"), join(outDir, "trunkline-worker.js"))
}
