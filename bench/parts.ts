// All parts, in the order in which they are measured and told.

import { catchUp } from "./catch-up/part.ts"
import { fanOut } from "./fan-out/part.ts"
import { latency } from "./latency/part.ts"
import { memory } from "./memory/part.ts"
import { recovery } from "./recovery/part.ts"
import { scaling } from "./scaling/part.ts"
import { size } from "./size/part.ts"
import { start } from "./start/part.ts"
import type { Part } from "./part.ts"

export const PARTS: readonly Part[] = [fanOut, latency, recovery, catchUp, memory, start, size, scaling]
