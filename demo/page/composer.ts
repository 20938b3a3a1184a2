// Where one writes. Enter sends, Shift+Enter breaks the line.

import { find } from "./dom.ts"

const MAX_LENGTH = 2_000
/** From here on the remaining characters are counted. */
const COUNT_FROM = 1_800

export type Writing = { send: (body: string) => void; typed: () => void }

export function compose(form: HTMLFormElement, writing: Writing, signal: AbortSignal): void {
  const body = find(form, "textarea", HTMLTextAreaElement)
  const count = find(form, ".composer__count", HTMLElement)

  const fit = (): void => {
    body.style.height = "auto"
    body.style.height = `${body.scrollHeight}px`
    const left = MAX_LENGTH - body.value.length
    count.hidden = body.value.length < COUNT_FROM
    count.textContent = left >= 0 ? `${left} left` : `${-left} too many`
    count.classList.toggle("composer__count--over", left < 0)
    form.classList.toggle("composer--ready", body.value.trim() !== "")
  }

  form.addEventListener(
    "submit",
    event => {
      event.preventDefault()
      if (body.value.trim() === "") return
      // Too long is the server's to say: its reason is shown on the message, in every tab.
      writing.send(body.value.trim())
      body.value = ""
      fit()
      body.focus()
    },
    { signal },
  )
  body.addEventListener(
    "keydown",
    event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
      event.preventDefault()
      form.requestSubmit()
    },
    { signal },
  )
  body.addEventListener(
    "input",
    () => {
      fit()
      if (body.value !== "") writing.typed()
    },
    { signal },
  )
  fit()
}
