import { ExtractorDocuments } from '@extractor/react'

export default function DocumentsPage() {
  return <ExtractorDocuments />
}
