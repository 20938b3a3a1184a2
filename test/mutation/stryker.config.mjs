// What Stryker changes and how it tries the changes; bin/mutation.mjs runs it, a few files at a time.

export default {
  // event.ts has types only.
  mutate: ["worker/core/**/*.ts", "!worker/core/event.ts"],
  testRunner: "in-process",
  plugins: ["./test/mutation/runner.ts"],
  // It would rewrite the file, with an API that TypeScript 7 does not have.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  // What runs only when a module is loaded (constants) cannot be told apart by test, and would cost all tests each time.
  ignoreStatic: true,
  // Of wall-clock time, and this runs when nobody else wants to: what goes round in circles is noticed by counting.
  timeoutMS: 60_000,
  reporters: ["clear-text", "progress"],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: false },
  incremental: true,
  incrementalFile: ".cache/mutation-incremental.json",
  tempDirName: ".cache/stryker",
  thresholds: { high: 90, low: 85, break: null },
  ignorePatterns: ["dist", "demo", "bench", "docs", "test/browser", "test/rails", "test/bites", "client/host"],
}
