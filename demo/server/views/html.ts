// A piece of a page. Whatever is put into it is escaped, unless it says otherwise.

import type { html } from "hono/html"

export type Html = ReturnType<typeof html>
