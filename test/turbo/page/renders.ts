/** Notes how Turbo renders, "replace" or "morph", where a change of the page shows it. */
export function noteRenders(): void {
  addEventListener("turbo:render", event => {
    const { renderMethod } = (event as CustomEvent<{ renderMethod: string }>).detail
    const { dataset } = document.documentElement
    dataset["renders"] = `${dataset["renders"] ?? ""}${renderMethod} `
  })
}
