// Renders each component where there is no browser, as hosts do that render on their server.
import { ExtractorDocuments, ExtractorExtractions, ExtractorProvider, ExtractorSettings, ExtractorUpload } from '@extractor/react'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'

const headings = { Documents: ExtractorDocuments, Extractions: ExtractorExtractions, Settings: ExtractorSettings, 'Upload documents': ExtractorUpload }
for (const [heading, Component] of Object.entries(headings)) {
  const html = renderToString(createElement(ExtractorProvider, { session: async () => '' }, createElement(Component)))
  if (!html.includes(`<h1>${heading}</h1>`)) throw new Error(`${heading} is not in ${html}`)
}
