import { ExtractorUpload } from '@extractor/react'
import type { PageProps } from './App'

export default function UploadPage({ host }: PageProps) {
  return <ExtractorUpload onComplete={(data) => host.post('extraction-complete', { data })} />
}
