// Checks what each page loads first: the script of index.html and what that imports, compressed.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const limit = 200_000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist)))

function files(key, found = new Set()) {
  const { file, imports = [] } = manifest[key]
  if (!found.has(file)) {
    found.add(file)
    for (const imported of imports) files(imported, found)
  }
  return found
}

const sizes = [...files('index.html')].map((file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length)
const bytes = sizes.reduce((sum, size) => sum + size, 0)
console.log(`first load: ${bytes} of ${limit} bytes of script, compressed`)
process.exitCode = bytes > limit ? 1 : 0
