// Turbo defines its stream element as soon as it is loaded, and the elements of the page subscribe at once, with Rails'
// client. Loaded before Turbo, this keeps the definition back until Turbo has been given another consumer.

const NAME = "turbo-cable-stream-source"

let define = (): void => {}

if (customElements.get(NAME)) {
  console.warn('Trunkline: Turbo came first and has a connection of its own. Import "trunkline/turbo" before it.')
} else {
  customElements.define = (name, ...rest) => {
    const now = () => CustomElementRegistry.prototype.define.call(customElements, name, ...rest)
    if (name === NAME) define = now
    else now()
  }
}

// What the server renders never says that a stream is connected: without this, a page that is morphed would forget it.
addEventListener("turbo:before-morph-attribute", event => {
  const { target, detail } = event as CustomEvent<{ attributeName: string }>
  if (detail.attributeName === "connected" && target instanceof Element && target.matches(NAME)) event.preventDefault()
})

/** Turbo has its consumer: its elements may subscribe. */
export function release(): void {
  Reflect.deleteProperty(customElements, "define")
  define()
}
