import { copyFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

export default defineConfig({
  plugins: [react(), asTheyAre('pdf.files.js', 'pdf.worker.js', 'pdf.decoders.js')],
  build: {
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index', cssFileName: 'style' },
    rolldownOptions: {
      external: [/^react($|\/)/, /^react-dom($|\/)/, /^@tanstack\//, 'dompurify', /^pdfjs-dist/],
      output: { banner: ({ isEntry }) => (isEntry ? "'use client'" : '') }, // for hosts that render on a server
    },
  },
})

/** Puts modules into the package unread: what stands in them is for the bundler of a host. */
function asTheyAre(...names: string[]): Plugin {
  return {
    name: 'as-they-are',
    enforce: 'pre',
    resolveId: (source) => (names.some((name) => source === `./${name}`) ? { id: source, external: 'relative' } : null),
    writeBundle: ({ dir }) => names.forEach((name) => copyFileSync(`src/extractions/${name}`, `${dir}/${name}`)),
  }
}
