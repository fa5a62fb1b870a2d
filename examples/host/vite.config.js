import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// Nothing is installed here: the components and React come from the workspace.
const workspace = createRequire(new URL('../../web/package.json', import.meta.url))

export default {
  oxc: { jsx: { runtime: 'automatic' } },
  resolve: {
    alias: {
      '@extractor/react': fileURLToPath(new URL('../../web/packages/react/src/index.ts', import.meta.url)),
      'react-dom/client': workspace.resolve('react-dom/client'),
      'react/jsx-runtime': workspace.resolve('react/jsx-runtime'),
    },
  },
  build: {
    rolldownOptions: {
      input: 'react.jsx',
      output: { entryFileNames: 'react.js', assetFileNames: ({ names }) => (names[0].endsWith('.css') ? 'react.css' : 'assets/[name]-[hash][extname]') },
    },
    target: 'esnext',
    cssCodeSplit: false,
  },
}
