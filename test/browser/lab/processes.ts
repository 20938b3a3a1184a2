// The browser's processes, as Linux tells of them. Neither engine's protocol says in which one a SharedWorker runs, but
// both name its thread.

import { readdirSync, readFileSync } from "node:fs"

import type { Browser } from "puppeteer-core"

/** As /proc shows them, cut to 15 characters. */
const WORKER_THREADS = /^(SharedWorker th|DOM Worker)/

type Process = { pid: number; parent: number; threads: readonly string[] }

/** The processes of this browser that run a worker: one, as a rule, while a hub lives. */
export function workerProcesses(browser: Browser): number[] {
  return descendants(rootOf(browser))
    .filter(({ threads }) => threads.some(name => WORKER_THREADS.test(name)))
    .map(({ pid }) => pid)
}

/** The hub's process dies as in a crash, and with it whatever tabs live in it: at least the one that dialled first. */
export function killWorkers(browser: Browser): void {
  const victims = workerProcesses(browser)
  if (victims.length === 0) throw new Error("No process of this browser runs a worker")
  for (const pid of victims) process.kill(pid, "SIGKILL")
}

/** As when a debugger holds it: it answers nobody, and its locks stay. The returned function kills it. */
export function stopWorkers(browser: Browser): () => void {
  const victims = workerProcesses(browser)
  for (const pid of victims) process.kill(pid, "SIGSTOP")
  return () => {
    for (const pid of victims) process.kill(pid, "SIGKILL")
  }
}

/** Everything stands still, as on a machine that sleeps, until the returned function is called. */
export function suspend(browser: Browser): () => void {
  const root = rootOf(browser)
  const all = [root, ...descendants(root).map(({ pid }) => pid)]
  for (const pid of all) process.kill(pid, "SIGSTOP")
  return () => {
    for (const pid of all) process.kill(pid, "SIGCONT")
  }
}

function rootOf(browser: Browser): number {
  const root = browser.process()?.pid
  if (root === undefined) throw new Error("The browser has no process")
  return root
}

function descendants(root: number): Process[] {
  const all = readdirSync("/proc")
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => readProcess(Number(name)))
  const under = (pid: number): Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap(child => [child, ...under(child.pid)])
  return under(root)
}

function readProcess(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
    const threads = readdirSync(`/proc/${pid}/task`).map(task =>
      readFileSync(`/proc/${pid}/task/${task}/comm`, "utf8").trim(),
    )
    return [{ pid, parent, threads }]
  } catch {
    return [] // gone meanwhile
  }
}
