// Checks the first load of each page: the entry, what it imports, and the page's own chunk.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const limit = 200_000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist)))
const entry = manifest['index.html']

function chunks(key, found = new Set()) {
  if (found.has(key)) return found
  found.add(key)
  for (const imported of manifest[key].imports ?? []) chunks(imported, found)
  return found
}

let failed = false
for (const page of entry.dynamicImports) {
  const keys = new Set([...chunks('index.html'), ...chunks(page)])
  const files = new Set([...keys].map((key) => manifest[key].file))
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0)
  console.log(`${page}: ${bytes} of ${limit} bytes of script, compressed`)
  failed ||= bytes > limit
}
process.exitCode = failed ? 1 : 0
