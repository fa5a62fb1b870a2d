import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const api = process.env.EXTRACTOR_URL ?? 'http://localhost:8080'

// What every page needs, as two files of like size, which come at the same time: a request costs a page more than the
// few lines that another page alone would use. The first script needs neither: it asks for data before they are there.
const library = /node_modules\/(react|react-dom|scheduler)\//
const shared = /node_modules\/@tanstack\/|react\/src\/(ui|forms|api|i18n|theme|provider)|extractions\/(view|values|useExtraction)|useDocuments|embed\/src\/(show|App)/
const loader = /preload-helper/

export default defineConfig({
  base: '/embed/',
  plugins: [react()],
  resolve: { alias: { '@extractor/react': fileURLToPath(new URL('../../packages/react/src/index.ts', import.meta.url)) } },
  build: {
    outDir: '../../dist',
    emptyOutDir: true,
    manifest: true,
    cssCodeSplit: false, // all of it is 4 kB: one file for all pages, which browsers keep
    assetsInlineLimit: 0, // a font or picture of data: would need room in the page's policy
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'react', test: library }, { name: 'base', test: shared }, { name: 'loader', test: loader }] } } },
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
  },
  server: { proxy: { '/api': api, '/embed/assets/pdf': api } },
})
