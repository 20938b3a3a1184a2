// The sentences of test/conformance, over real Rails: for Rails' own client and for ours.

import { describe } from "vitest"

import { conform } from "../conformance/conform.ts"
import { RAILS, SHARED_WORKER } from "../conformance/libraries.ts"
import { RailsStand } from "./lab/stand.ts"

describe.each([RAILS, SHARED_WORKER])("$name over Rails", library => {
  conform("chromium", library, site => RailsStand.start(site))
})
