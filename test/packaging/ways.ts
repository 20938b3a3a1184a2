// The ways in which the package comes to a browser. Each makes a site out of the application.

import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { build as esbuild } from "esbuild"
import { build as vite, createServer } from "vite"
import webpack from "webpack"

import { html } from "./app.ts"

/** A directory to be served, or the origin of whoever serves it. */
export type Made = { directory: string } | { origin: string; stop(): Promise<void> }

/** @param rails the origin of the cable, for who serves pages from another one */
type Way = (app: string, site: string, rails: string) => Promise<Made>

const MODULE = '<script type="module" src="/main.js"></script>'

export const WAYS: Readonly<Record<string, Way>> = {
  "a Vite build": async (app, site) => {
    writeFileSync(join(app, "index.html"), html(MODULE))
    await vite({ root: app, configFile: false, logLevel: "error", build: { outDir: site } })
    return { directory: site }
  },

  "Vite's development server": async (app, site, rails) => {
    writeFileSync(join(app, "index.html"), html(MODULE))
    const server = await createServer({
      root: app,
      configFile: false,
      logLevel: "error",
      cacheDir: site,
      server: {
        host: "127.0.0.1",
        port: 0,
        hmr: false,
        proxy: { "/cable": { target: rails, ws: true, rewriteWsOrigin: true } },
      },
    })
    await server.listen()
    const address = server.httpServer?.address()
    if (!address || typeof address === "string") throw new Error("Vite does not listen")
    return { origin: `http://127.0.0.1:${address.port}`, stop: () => server.close() }
  },

  "webpack 5": async (app, site) => {
    writeFileSync(join(site, "index.html"), html('<script defer src="/main.js"></script>'))
    const compiler = webpack({
      mode: "production",
      context: app,
      entry: "./main.js",
      output: { path: site, publicPath: "/" },
    })
    const stats = await promisify(compiler.run.bind(compiler))()
    if (stats?.hasErrors()) throw new Error(stats.toString())
    await promisify(compiler.close.bind(compiler))()
    return { directory: site }
  },

  "esbuild, with the `worker` option": async (app, site) => {
    writeFileSync(join(site, "index.html"), html(MODULE))
    await esbuild({
      entryPoints: [join(app, "esbuild.js")],
      bundle: true,
      format: "esm",
      minify: true,
      outfile: join(site, "main.js"),
      logLevel: "error",
    })
    cpSync(join(app, "node_modules/trunkline/dist/worker.js"), join(site, "trunkline-worker.js"))
    return { directory: site }
  },

  "an import map and digested single files, as Propshaft serves them": async (app, site) => {
    mkdirSync(join(site, "assets"))
    const [trunkline, worker] = ["trunkline.js", "trunkline-worker.js"].map(name => {
      const code = readFileSync(join(app, "node_modules/trunkline/dist/standalone", name))
      const digested = name.replace(".js", `-${createHash("sha1").update(code).digest("hex").slice(0, 8)}.js`)
      writeFileSync(join(site, "assets", digested), code)
      return `/assets/${digested}`
    })
    cpSync(join(app, "main.js"), join(site, "main.js"))
    const head = `<meta name="trunkline-worker" content="${worker}">
    <script type="importmap">{ "imports": { "trunkline": "${trunkline}" } }</script>`
    writeFileSync(join(site, "index.html"), html(`${head}${MODULE}`))
    return { directory: site }
  },

  "a plain module script": async (app, site) => {
    cpSync(join(app, "node_modules/trunkline/dist/standalone"), join(site, "trunkline"), { recursive: true })
    const main = readFileSync(join(app, "main.js"), "utf8").replace('"trunkline"', '"/trunkline/trunkline.js"')
    writeFileSync(join(site, "index.html"), html(`<script type="module">${main}</script>`))
    return { directory: site }
  },
}
