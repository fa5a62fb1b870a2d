import { ExtractorExtractions } from '@extractor/react'
import type { PageProps } from './App'

export default function ExtractionsPage({ host }: PageProps) {
  return <ExtractorExtractions onSelect={(data) => host.post('extraction-selected', { data })} />
}
