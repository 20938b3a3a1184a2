// The naive way's page: an object that the worker calls.

import { expose } from "comlink"
import { ready, received, room } from "./tally.ts"

const { port } = new SharedWorker("/assets/naive-worker.js", { type: "module", name: room })
expose({ ready, received }, port)
