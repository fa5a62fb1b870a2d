// Puts beside the assets what pdf.js asks for when a file needs it: maps of characters, and fonts that files need not hold;
// and the licences of the decoders of pictures, which are among the scripts.
import { cpSync } from 'node:fs'

const pdfjs = new URL('../node_modules/pdfjs-dist/', import.meta.url)
const to = new URL('../dist/assets/pdf/', import.meta.url)
for (const folder of ['cmaps/', 'standard_fonts/']) cpSync(new URL(folder, pdfjs), new URL(folder, to), { recursive: true })
cpSync(new URL('wasm/', pdfjs), to, { recursive: true, filter: (name) => !/\.(js|wasm)$/.test(name) })
