// What quick.test.ts leaves out: the other hosts, and Firefox.

import { describe } from "vitest"

import { conform } from "./conform.ts"
import { OURS, SHARED_WORKER } from "./libraries.ts"

const OTHER_HOSTS = OURS.filter(library => library !== SHARED_WORKER)

describe.each(OTHER_HOSTS)("$name in chromium", library => {
  conform("chromium", library)
})

describe.each(OURS)("$name in firefox", library => {
  conform("firefox", library)
})
