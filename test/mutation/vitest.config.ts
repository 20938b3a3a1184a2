// `npm run mutation`: what the core's own tests notice when a line of it is changed.

import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: ["test/worker/core/**/*.test.ts"], environment: "node" },
})
