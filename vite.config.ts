// Two things: the self-contained dist/worker.js, which tsc cannot make, and the test projects. The rest of the package is
// emitted by tsc, because Vite's library mode would rewrite `new URL("…", import.meta.url)`; see bin/build.mjs.

import { createHash } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"

const setup = "bin/test-setup.mjs"
const OVER_RAILS = "{recovery,subscriptions,lifecycle,sharing,bad-input}"
/** Tests of the built package, most of which wait for a browser to start. */
const built = { globalSetup: [setup], testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  cacheDir: ".cache/vite",
  define: { __BUILD__: JSON.stringify(buildId()) },
  plugins: [quietCable()],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    sourcemap: true,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: "worker/entry.ts",
      // The other hosts import the same file and use its exports.
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "worker.js", codeSplitting: false },
      // Rails' log, which nobody can turn on in a worker, and idb's shortcuts and iterators, which nothing uses.
      treeshake: { manualPureFunctions: ["logger.log", "replaceTraps"] },
    },
  },
  test: {
    projects: [
      project("unit", "test/**/*.test.ts", {
        exclude: [
          "test/{browser,webkit,conformance,turbo,packaging,simulation,rails,bites}/**",
          "test/package.test.ts",
        ],
      }),
      project("simulation", "test/simulation/*.test.ts", { testTimeout: 600_000 }),
      project("package", "test/package.test.ts", built),
      project("browser", ["test/browser/**/*.test.ts", "test/demo/**/*.page.ts"], {
        ...built,
        // Two engines with several tabs each already keep two cores busy, and throttled tests measure nothing.
        fileParallelism: false,
      }),
      project("webkit", "test/webkit/webkit.test.ts", built),
      project("conformance", "test/conformance/quick.test.ts", built),
      project("conformance-all", "test/conformance/all.test.ts", built),
      // Its set-up has the same sentences as the embedded server's asked of real Rails.
      project("rails", ["test/rails/**/*.test.ts", `test/browser/${OVER_RAILS}.test.ts`], {
        globalSetup: [setup],
        setupFiles: ["test/rails/lab/setup.ts"],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      }),
      project("packaging", "test/packaging/packaging.test.ts", built),
      project("turbo", "test/turbo/turbo.test.ts", built),
    ],
  },
})

function project(name: string, include: string | string[], options: object = {}) {
  return { extends: true as const, test: { name, include: [include].flat(), environment: "node", ...options } }
}

/**
 * Of @rails/actioncable the worker gets the sources, one file for each class, and not the monitor: worker/cable.ts puts
 * another one in its place, which does nothing.
 */
function quietCable(): Plugin {
  const sources = join(import.meta.dirname, "node_modules/@rails/actioncable/src")
  const monitor = "export default class {}"
  return {
    name: "quiet-cable",
    apply: "build",
    enforce: "pre",
    resolveId(id, importer) {
      if (id === "@rails/actioncable") return join(sources, "index.js")
      return importer?.startsWith(sources) ? { id: join(sources, `${id}.js`), moduleSideEffects: false } : undefined
    },
    load: id => (id === join(sources, "connection_monitor.js") ? monitor : undefined),
  }
}

/** The version, and a digest of what goes into the worker: equal sources are one build, on any machine. */
function buildId(): string {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string }
  const hash = createHash("sha256")
  for (const file of globSync("{shared,worker}/**/*.ts").toSorted()) hash.update(file).update(readFileSync(file))
  return `${version}+${hash.digest("hex").slice(0, 8)}`
}
