import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index', cssFileName: 'style' },
    rolldownOptions: { external: [/^react($|\/)/, /^react-dom($|\/)/, /^@tanstack\//, 'dompurify', /^pdfjs-dist/] },
  },
})
