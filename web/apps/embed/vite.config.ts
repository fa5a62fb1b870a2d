import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const api = process.env.EXTRACTOR_URL ?? 'http://localhost:8080'

export default defineConfig({
  base: '/embed/',
  plugins: [react()],
  resolve: { alias: { '@extractor/react': fileURLToPath(new URL('../../packages/react/src/index.ts', import.meta.url)) } },
  build: {
    outDir: '../../dist',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // a font or picture of data: would need room in the page's policy
    modulePreload: { polyfill: false },
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
  },
  server: { proxy: { '/api': api } },
})
