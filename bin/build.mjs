// Builds the package into dist/: page code and types by tsc, the self-contained worker by Vite, and by esbuild the single
// files of dist/standalone/, for whoever has no bundler (Propshaft, a plain script).

import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { build as bundle } from "esbuild"
import { minifySync } from "vite"

const root = fileURLToPath(new URL("../", import.meta.url))

/** @throws if the compiler or the bundler fails; their output has said why */
export async function build() {
  rmSync(`${root}/dist`, { recursive: true, force: true })
  // With sources inside the maps: the package has no others.
  run("tsc", "-p", "tsconfig.build.json", "--inlineSources")
  // Of worker/ only the types are public: its code is in worker.js.
  for (const file of globSync("dist/worker/**/*.{js,js.map}", { cwd: root })) rmSync(`${root}/${file}`)
  run("vite", "build", "--logLevel", "warn")
  await buildStandalone()
}

async function buildStandalone() {
  const client = `${root}/dist/client`
  const { outputFiles } = await bundle({
    entryPoints: {
      trunkline: `${client}/index.js`,
      "trunkline-turbo": `${client}/turbo/index.js`,
      "trunkline-turbo-elements": `${client}/turbo/elements.js`,
    },
    outdir: `${root}/dist/standalone`,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    external: ["@hotwired/turbo-rails"],
    logLevel: "warning",
    plugins: [apart],
  })
  mkdirSync(`${root}/dist/standalone`)
  // In what esbuild has minified Vite's minifier finds another 3 %.
  for (const { path, text } of outputFiles) writeFileSync(path, minifySync(path, text, { module: true }).code)
  const worker = readFileSync(`${root}/dist/worker.js`, "utf8")
  writeFileSync(`${root}/dist/standalone/trunkline-worker.js`, worker.replace(/^\/\/# sourceMappingURL=.*/m, ""))
}

/** Each file by itself. They import each other by names for an import map, since their own may carry digests. */
const apart = {
  name: "apart",
  setup(build) {
    build.onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: "trunkline", external: true }))
    // Bundled into the Turbo entry, it would come after Turbo: imports go first.
    build.onResolve({ filter: /^\.\/elements\.js$/ }, () => ({ path: "trunkline/turbo/elements", external: true }))
    build.onLoad({ filter: /client\/host\/.+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll('"../../worker.js"', '"./trunkline-worker.js"'),
    }))
  },
}

function run(tool, ...args) {
  // The tools start whatever `node` comes first in PATH: let it be this one, also without npm.
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
  const { status, error } = spawnSync(`node_modules/.bin/${tool}`, args, { cwd: root, env, stdio: "inherit" })
  if (status !== 0) throw new Error(`The build failed: ${tool} ${args.join(" ")}${error ? `: ${error.message}` : ""}`)
}

if (import.meta.main) {
  try {
    await build()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
