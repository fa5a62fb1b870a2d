// What the build made of which source.
import { readFileSync } from 'node:fs'

export const manifest = JSON.parse(readFileSync(new URL('../dist/.vite/manifest.json', import.meta.url)))

/** The scripts of some sources and of all that they import from the start. */
export function imports(...sources) {
  const found = new Set()
  const visit = (source) => {
    const { file, imports: next = [] } = manifest[source]
    if (found.has(file)) return
    found.add(file)
    next.forEach(visit)
  }
  sources.forEach(visit)
  return found
}
