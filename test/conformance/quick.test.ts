// What `npm test` asks: does an application find in our worker what it finds in Rails' client?

import { describe } from "vitest"

import { conform } from "./conform.ts"
import { RAILS, SHARED_WORKER } from "./libraries.ts"

describe.each([RAILS, SHARED_WORKER])("$name in chromium", library => {
  conform("chromium", library)
})
