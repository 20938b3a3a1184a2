// Turbo as it is; what it imports from @rails/actioncable is ours by an alias.

import "@hotwired/turbo-rails"
import { noteRenders } from "./renders.ts"

noteRenders()
