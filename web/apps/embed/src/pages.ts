import type { ComponentType } from 'react'
import type { PageConfig } from './config'
import DocumentsPage from './DocumentsPage'
import ExtractionsPage from './ExtractionsPage'
import type { Host } from './host'
import SettingsPage from './SettingsPage'
import UploadPage from './UploadPage'

export interface PageProps {
  config: PageConfig
  host: Host
}

/** The pages. They come with one script: another one for each would cost a round trip more than it saves. */
export const pages: Record<PageConfig['page'], ComponentType<PageProps>> = {
  upload: UploadPage,
  documents: DocumentsPage,
  extractions: ExtractionsPage,
  settings: SettingsPage,
}
