import { ExtractorSettings } from '@extractor/react'
import type { PageProps } from './App'

export default function SettingsPage({ config }: PageProps) {
  return <ExtractorSettings role={config.role} />
}
