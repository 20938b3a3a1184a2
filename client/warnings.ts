// What a page's author should know, once.

const warned = new Set<string>()

export function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  console.warn(text)
}
