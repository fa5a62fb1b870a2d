// Puts each asset beside itself as browsers take it: with brotli, and with gzip.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const assets = new URL('../dist/assets/', import.meta.url)
for (const name of readdirSync(assets).filter((name) => /\.(js|mjs|css|svg|wasm)$/.test(name))) {
  const content = readFileSync(new URL(name, assets))
  writeFileSync(new URL(`${name}.gz`, assets), gzipSync(content, { level: 9 }))
  writeFileSync(new URL(`${name}.br`, assets), brotliCompressSync(content))
}
