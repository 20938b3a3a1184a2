// The browser's processes, as Linux tells of them. No engine's protocol says in which one a SharedWorker runs, but all name
// its thread.

import { readdirSync, readFileSync } from "node:fs"

import type { Browser } from "puppeteer-core"

/** As /proc shows them, cut to 15 characters. */
const WORKER_THREADS = /^(SharedWorker th|DOM Worker)|SharedWorker$/
const WEBKIT_NETWORK = "WebKitNetworkPr"

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
  send(victims, "SIGKILL")
}

/** WebKit has one process for sockets, requests, Web Locks and IndexedDB of all tabs, and starts it anew. */
export function killNetwork(browser: Browser): void {
  const [victim] = descendants(rootOf(browser)).filter(({ threads }) => threads.includes(WEBKIT_NETWORK))
  if (!victim) throw new Error("No process of this browser is WebKit's network process")
  process.kill(victim.pid, "SIGKILL")
}

/** As when a debugger holds it: it answers nobody, and its locks stay. The returned function kills it. */
export function stopWorkers(browser: Browser): () => void {
  const victims = workerProcesses(browser)
  send(victims, "SIGSTOP")
  return () => send(victims, "SIGKILL")
}

/** The browser, with all that it has started. */
export function killAll(browser: Browser): void {
  send(familyOf(browser), "SIGKILL")
}

/** Everything stands still, as on a machine that sleeps, until the returned function is called. */
export function suspend(browser: Browser): () => void {
  const all = familyOf(browser)
  send(all, "SIGSTOP")
  return () => send(all, "SIGCONT")
}

/** Browsers' processes come and go: one that ended since it was seen must not keep the signal from the others. */
function send(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // gone
    }
  }
}

function familyOf(browser: Browser): number[] {
  const root = rootOf(browser)
  return [root, ...descendants(root).map(({ pid }) => pid)]
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
