// Checks what each page loads first: the first script, the page's own, and all that these import from the start, as it is sent.
import { readFileSync } from 'node:fs'
import { imports, manifest } from './manifest.js'

const library = '../../node_modules/react-dom/client.js'
const limit = 200_000
const dist = new URL('../dist/', import.meta.url)

for (const source of Object.keys(manifest).filter((name) => /^src\/\w+Page\.tsx$/.test(name))) {
  const scripts = [...imports('index.html', library, 'src/show.tsx', source)]
  const size = (ending) => scripts.reduce((sum, file) => sum + readFileSync(new URL(file + ending, dist)).length, 0)
  console.log(`first load of ${source}: ${size('.gz')} of ${limit} bytes of script with gzip, ${size('.br')} with brotli`)
  if (size('.gz') > limit) process.exitCode = 1
}
