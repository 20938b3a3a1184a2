// What the server must have rendered.

/** @throws if there is no such element, or another kind of one */
export function find<E extends Element>(root: ParentNode, selector: string, kind: new () => E): E {
  const found = root.querySelector(selector)
  if (found instanceof kind) return found
  throw new Error(`The page lacks ${selector}: was it rendered by demo/server/pages.ts?`)
}
