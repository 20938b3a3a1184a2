// Turbo with our entry before it.

import "trunkline/turbo"
import "@hotwired/turbo-rails"
import { noteRenders } from "./renders.ts"

noteRenders()
