// Checks what each page loads first: the script of its HTML and all that this names ahead, as it is sent.
import { readdirSync, readFileSync } from 'node:fs'

const limit = 200_000
const dist = new URL('../dist/', import.meta.url)

for (const name of readdirSync(new URL('pages/', dist)).filter((name) => name.endsWith('.en.html') && !name.startsWith('problem-'))) {
  const scripts = readFileSync(new URL(`pages/${name}`, dist), 'utf8').match(/assets\/[\w.-]+\.js/g)
  const size = (ending) => scripts.reduce((sum, file) => sum + readFileSync(new URL(file + ending, dist)).length, 0)
  console.log(`first load of ${name}: ${size('.gz')} of ${limit} bytes of script with gzip, ${size('.br')} with brotli`)
  if (size('.gz') > limit) process.exitCode = 1
}
