// Writes the endings into the imports of the package's declarations: TypeScript needs them where it resolves as Node.js does.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../packages/react/dist/', import.meta.url))
for (const name of readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
  const file = join(dist, name)
  const whole = (from) => (existsSync(join(dirname(file), `${from}.d.ts`)) ? `${from}.js` : `${from}/index.js`)
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(from |import\()(["'])(\.[^"']*?)(?:\.js)?\2/g, (_, before, quote, from) => before + quote + whole(from) + quote))
}
writeFileSync(join(dist, 'style.css.d.ts'), 'export {}\n')
