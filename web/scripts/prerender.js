// Writes each page in each language as it is before its first data, with its style: dist/pages/upload.en.html. The
// browser paints it before any script is there.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const dist = new URL('../dist/', import.meta.url)
const built = new URL('../apps/embed/node_modules/.prerender/', import.meta.url)
const { prerender } = await import(new URL('prerender.js', built))
const index = readFileSync(new URL('index.html', dist), 'utf8')
const [link, file] = /<link rel="stylesheet"[^>]*\/embed\/([^"]+)">/.exec(index)
const style = readFileSync(new URL(file, dist), 'utf8').trim()
if (style.includes('</')) throw new Error('the style would end its element')
// The first paint needs the style alone: it stands in the page, which saves a round trip, and the scripts wait for it.
const shell = index
  .replace(link, () => `<style>${style}</style>`)
  .replace(/<(script|link rel="modulepreload")/g, '$& fetchpriority="low"')

mkdirSync(new URL('pages/', dist), { recursive: true })
for (const { name, locale, still, html } of await prerender()) {
  writeFileSync(new URL(`pages/${name}.html`, dist), page(locale, still, html))
}
rmSync(built, { recursive: true })

function page(locale, still, html) {
  // Nothing comes of a click before the scripts are there: until then it can't be made.
  const inert = still ? '' : ' inert'
  return (still ? shell.replace(/\s*<(script|link rel="modulepreload")[^>]*>(<\/script>)?/g, '') : shell)
    .replace('<html lang="en"', `<html lang="${locale}"`)
    .replace('<title>', () => `<title>${/<h1>(.*?)<\/h1>/.exec(html)[1]} – `)
    .replace('<div id="root"></div>', () => `<div id="root"${inert}>${html}</div>`)
}
