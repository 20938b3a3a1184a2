// The demo's page: one script and one style sheet, under names that demo/server/pages.ts can write down. The hub's script
// is not bundled: the server serves the built one, as a Rails app would its asset.

import { defineConfig } from "vite"

const here = import.meta.dirname

export default defineConfig({
  root: here,
  cacheDir: `${here}/../.cache/vite-demo`,
  logLevel: "warn",
  build: {
    outDir: `${here}/dist`,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: { chat: `${here}/page/main.ts`, style: `${here}/page/style/main.css` },
      output: {
        entryFileNames: "assets/[name].js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
})
