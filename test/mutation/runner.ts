// Runs the core's tests for Stryker, all in one process: a change is made by a switch in the instrumented sources, which are
// loaded once. A test that fails under a change must pass again without it; if not, the change has left something behind,
// and the sources are loaded anew.

import { globSync } from "node:fs"
import { registerHooks } from "node:module"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
} from "@stryker-mutator/api/test-runner"
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from "@stryker-mutator/api/core"
import { testsOf, type Test } from "./suite.ts"

const TESTS = "test/worker/core/**/*.test.ts"
const suite = new URL("suite.ts", import.meta.url).href

/** Stryker allows a change to be reached a hundred times as often as without it; circles take seconds to get there. */
const PATIENCE = 1 / 20

/** What the instrumented sources read and write. */
type Switch = {
  activeMutant?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  currentTestId?: string | undefined
  mutantCoverage?: MutantCoverage
}

class Runner {
  readonly #switch: Switch = ((globalThis as unknown as Record<string, Switch>)[INSTRUMENTER_CONSTANTS.NAMESPACE] ??=
    {})
  #tests: ReadonlyMap<string, Test> = new Map()
  #loads = 0
  /** What each test cost when it last passed: the cheap ones go first. Microseconds of this process, however busy the machine. */
  readonly #cost = new Map<string, number>()

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    const sandbox = pathToFileURL(resolve(".")).href
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "vitest" && context.parentURL !== suite) return { url: suite, shortCircuit: true }
        const found = next(specifier, context)
        const isOurs = found.url.startsWith(sandbox) && !found.url.includes("/node_modules/")
        return isOurs ? { ...found, url: `${found.url}?load=${this.#loads}` } : found
      },
    })
    await this.#load()
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = []
    for (const test of this.#tests.values()) {
      this.#switch.currentTestId = test.id
      const failureMessage = await this.#failureOf(test)
      this.#switch.currentTestId = undefined
      const of = { id: test.id, name: test.id, timeSpentMs: this.#costOf(test) / 1_000, fileName: fileOf(test) }
      tests.push(
        failureMessage === null
          ? { ...of, status: TestStatus.Success }
          : { ...of, status: TestStatus.Failed, failureMessage },
      )
    }
    const mutantCoverage = structuredClone(this.#switch.mutantCoverage ?? { static: {}, perTest: {} })
    return { status: DryRunStatus.Complete, tests, mutantCoverage }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter } = options
    const hitLimit = options.hitLimit === undefined ? undefined : options.hitLimit * PATIENCE
    const isStatic = mutantActivation === "static"
    Object.assign(this.#switch, { activeMutant: activeMutant.id, hitCount: 0, hitLimit })
    const failure = await this.#firstFailure(isStatic, testFilter)
    const isEndless = hitLimit !== undefined && (this.#switch.hitCount ?? 0) > hitLimit
    Object.assign(this.#switch, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
    if (isStatic || (failure?.test && (await this.#failureOf(failure.test)) !== null)) await this.#load()
    if (isEndless) return { status: MutantRunStatus.Timeout, reason: "it goes round in circles" }
    const nrOfTests = testFilter?.length ?? this.#tests.size
    if (!failure) return { status: MutantRunStatus.Survived, nrOfTests }
    const { test, message } = failure
    return { status: MutantRunStatus.Killed, killedBy: test ? [test.id] : [], failureMessage: message, nrOfTests }
  }

  async #firstFailure(isStatic: boolean, ids: readonly string[] = []): Promise<Failure | null> {
    if (isStatic) {
      try {
        await this.#load()
      } catch (error) {
        return { test: null, message: `cannot be loaded: ${String(error)}` }
      }
    }
    const tests = [...this.#tests.values()].filter(({ id }) => ids.length === 0 || ids.includes(id))
    for (const test of tests.toSorted((a, b) => this.#costOf(a) - this.#costOf(b))) {
      const message = await this.#failureOf(test)
      if (message !== null) return { test, message }
    }
    return null
  }

  async #failureOf({ id, before, body }: Test): Promise<string | null> {
    const started = process.cpuUsage()
    try {
      for (const prepare of before()) await prepare()
      await body()
      const { user, system } = process.cpuUsage(started)
      this.#cost.set(id, user + system)
      return null
    } catch (error) {
      return String(error)
    }
  }

  #costOf({ id }: Test): number {
    return this.#cost.get(id) ?? 0
  }

  async #load(): Promise<void> {
    this.#loads += 1
    const tests = new Map<string, Test>()
    for (const file of globSync(TESTS).toSorted()) {
      for (const [id, test] of await testsOf(file, () => import(pathToFileURL(resolve(file)).href))) tests.set(id, test)
    }
    this.#tests = tests
  }
}

type Failure = { test: Test | null; message: string }

function fileOf({ id }: Test): string {
  return resolve(id.slice(0, id.indexOf("#")))
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: Runner }]
