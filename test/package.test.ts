// The package as it would be published: packed, unpacked somewhere else, and used from there.

import { execFile } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { publint } from "publint"
import { build, parseSync, type Rolldown } from "vite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

/**
 * gzip bytes. The page's entry includes comlink, and neither the worker nor what only a fallback host loads. What the code
 * needs today, so that nothing grows unnoticed; the aim is 7,000 and 14,000 (ARCHITECTURE.md, "Size").
 */
const BUDGET = { page: 10_700, worker: 24_300 }

const run = promisify(execFile)
const root = join(import.meta.dirname, "..")
const bin = (tool: string) => join(root, "node_modules/.bin", tool)
const app = mkdtempSync(join(tmpdir(), "trunkline-package-"))
const pack = join(app, "node_modules/trunkline")
/** What the compiler says of a file of the application; nothing, if it is right. */
const compile = (file: string, moduleResolution: string) => {
  const compiler = ["--strict", "--noEmit", "--types", "", "--lib", "es2023,dom,dom.iterable", "--target", "es2022"]
  const module = moduleResolution === "bundler" ? "esnext" : moduleResolution
  const result = run(bin("tsc"), [...compiler, "--module", module, "--moduleResolution", moduleResolution, file], {
    cwd: app,
  })
  return result.catch((error: { stdout: string }) => error)
}
const inPack = (file: string) => readFileSync(join(pack, file), "utf8")
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string
  dependencies: Record<string, string>
}
let tarball: string

beforeAll(async () => {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", app], { cwd: root })
  const [packed] = JSON.parse(stdout) as [{ filename: string }]
  tarball = join(app, packed.filename)
  mkdirSync(pack, { recursive: true })
  await run("tar", ["-xzf", tarball, "-C", pack, "--strip-components=1"])
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(app, "node_modules", name)), { recursive: true })
    symlinkSync(join(root, "node_modules", name), join(app, "node_modules", name))
  }
  writeFileSync(join(app, "package.json"), '{ "type": "module" }')
})

afterAll(() => rmSync(app, { recursive: true, force: true }))

describe("the package", () => {
  it("contains what a page needs, its types and its papers, and no sources", () => {
    const files = globSync("**/*.*", { cwd: pack })
    expect(files).toEqual(
      expect.arrayContaining([
        "README.md",
        "CHANGELOG.md",
        "package.json",
        "dist/client/index.js",
        "dist/client/index.d.ts",
        "dist/client/turbo/index.js",
        "dist/standalone/trunkline.js",
        "dist/standalone/trunkline-turbo.js",
        "dist/standalone/trunkline-turbo-elements.js",
        "dist/standalone/trunkline-worker.js",
        "dist/worker.js",
        "dist/worker/entry.d.ts",
      ]),
    )
    expect(existsSync(join(pack, "LICENSE"))).toBe(true)
    expect(files.filter(file => /(?<!\.d)\.ts$|^dist\/worker\/.*\.js/.test(file))).toEqual([])
    expect(files.filter(file => !/^(dist\/|README\.md$|CHANGELOG\.md$|package\.json$)/.test(file))).toEqual([])
  })

  it("is one that publint has nothing to say about", async () => {
    const { messages } = await publint({ pkgDir: pack, pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it("has types that every ESM resolver finds", async () => {
    const options = ["--profile", "esm-only", "--no-definitely-typed", "--format", "ascii", "--no-emoji", "--no-color"]
    const { stdout } = await run(bin("attw"), [tarball, ...options])
    expect(stdout.match(/^(node16 \(from ESM\)|bundler): OK/gm)).toHaveLength(8) // both, for each of the four exports
  })

  it.each(["bundler", "nodenext"])(
    "types a page's code under module resolution %s, without skipLibCheck",
    async how => {
      copyFileSync(join(root, "test/types/channels.ts"), join(app, "page.ts"))
      await expect(compile("page.ts", how)).resolves.toEqual({ stdout: "", stderr: "" })
    },
  )

  it("may be given to code that was written for the published types of Rails' client", async () => {
    const types = join(app, "node_modules/@types")
    mkdirSync(types)
    symlinkSync(join(root, "node_modules/@types/rails__actioncable"), join(types, "rails__actioncable"))
    const code = `
      import type * as Rails from "@rails/actioncable"
      import { Consumer, createConsumer, Subscription, Subscriptions } from "trunkline"

      export const create: typeof Rails.createConsumer = createConsumer
      export const consumer: Rails.Consumer = createConsumer()
      export const subscription: Rails.Subscription = createConsumer().subscriptions.create("ChatChannel")
      export const classes: Pick<typeof Rails, "Consumer" | "Subscription" | "Subscriptions"> = {
        Consumer,
        Subscription,
        Subscriptions,
      }

      // @ts-expect-error: these are the types in question, and not \`any\`
      export const wrong: Rails.Consumer = "/cable"`
    writeFileSync(join(app, "third-party.ts"), code)
    await expect(compile("third-party.ts", "bundler")).resolves.toEqual({ stdout: "", stderr: "" })
  })

  it("does nothing, throws nothing and keeps nothing running when a server imports it", async () => {
    const script = `
      const globals = Object.getOwnPropertyNames(globalThis).length
      const exports = await import("trunkline")
      console.log(JSON.stringify({
        createConsumer: typeof exports.createConsumer,
        newGlobals: Object.getOwnPropertyNames(globalThis).length - globals,
        running: process.getActiveResourcesInfo().filter(name => !/^(Pipe|TTY)Wrap$/.test(name)),
      }))`
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", script], {
      cwd: app,
      timeout: 10_000,
    })
    expect(stderr).toBe("")
    expect(JSON.parse(stdout)).toEqual({ createConsumer: "function", newGlobals: 0, running: [] })
  })
})

describe("the page's code", () => {
  it("points to files that are there", () => {
    const files = globSync("dist/client/**/*.js", { cwd: pack })
    const targets = files.flatMap(file =>
      [...inPack(file).matchAll(/new URL\("([^"]+)",\s*import\.meta\.url\)/g)].map(([, target = ""]) =>
        join(dirname(file), target),
      ),
    )
    expect(new Set(targets)).toEqual(new Set(["dist/worker.js"]))
  })

  it(`bundles to at most ${BUDGET.page} bytes, with the worker as a file of its own`, async () => {
    writeFileSync(join(app, "main.js"), `export * from "trunkline"`)
    const result = await build({
      root: app,
      configFile: false,
      logLevel: "error",
      build: {
        write: false,
        modulePreload: false,
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: "main.js",
          preserveEntrySignatures: "strict",
          // Vite's helper for dynamic imports is the app's: it is there once, whoever needs it.
          output: { codeSplitting: { groups: [{ name: "vite", test: /^\0vite\// }] } },
        },
      },
    })
    const { output } = result as Rolldown.RolldownOutput
    const chunks = output.filter(file => file.type === "chunk")
    const page = chunks.filter(({ isDynamicEntry, name }) => !isDynamicEntry && name !== "vite")
    expect(output.filter(file => /worker.*\.js$/.test(file.fileName))).not.toEqual([])
    const size = page.reduce((sum, { code }) => sum + gzip(code), 0)
    console.log(`page: ${size} bytes gzip of ${BUDGET.page}`)
    expect(size).toBeLessThanOrEqual(BUDGET.page)
  })
})

describe("the worker", () => {
  const imports = (code: string) => {
    const { module } = parseSync("worker.ts", code)
    return { static: module.staticImports.length, dynamic: module.dynamicImports.length }
  }

  it("is one file that imports nothing, neither at once nor later", () => {
    expect(imports(inPack("dist/worker.js"))).toEqual({ static: 0, dynamic: 0 })
  })

  it("exports what its source exports, for the hosts that run it in a page", () => {
    const source = readFileSync(join(root, "worker/entry.ts"), "utf8")
    expect(exportedNames(inPack("dist/worker.js"))).toEqual(exportedNames(source))
    expect(exportedNames(source).size).toBeGreaterThan(0)
  })

  it("survives a bundler, in an application's own file for the worker", async () => {
    writeFileSync(join(app, "own-worker.js"), 'import "trunkline/worker.js"')
    const { output } = (await build({
      root: app,
      configFile: false,
      logLevel: "error",
      build: { write: false, rolldownOptions: { input: "own-worker.js" } },
    })) as Rolldown.RolldownOutput
    expect(output[0].code).toContain("onconnect")
  })

  it("knows which build it is", () => {
    expect(inPack("dist/worker.js")).toMatch(
      new RegExp(`["'\`]${manifest.version.replaceAll(".", "\\.")}\\+[0-9a-f]{8}["'\`]`),
    )
  })

  it(`is at most ${BUDGET.worker} bytes`, () => {
    const size = gzip(inPack("dist/worker.js"))
    console.log(`worker: ${size} bytes gzip of ${BUDGET.worker}`)
    expect(size).toBeLessThanOrEqual(BUDGET.worker)
  })
})

function gzip(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

/** Names of the values that a module exports; types leave no trace. */
function exportedNames(code: string): Set<string | null> {
  const entries = parseSync("module.ts", code).module.staticExports.flatMap(statement => statement.entries)
  return new Set(entries.filter(entry => !entry.isType).map(entry => entry.exportName.name))
}
