import type { ComponentType } from 'react'
import type { PageConfig } from './config'
import type { Host } from './host'

export interface PageProps {
  config: PageConfig
  host: Host
}

/** The pages, each loaded by itself. */
export const pages: Partial<Record<PageConfig['page'], () => Promise<{ default: ComponentType<PageProps> }>>> = {
  upload: () => import('./UploadPage'),
  documents: () => import('./DocumentsPage'),
  extractions: () => import('./ExtractionsPage'),
  settings: () => import('./SettingsPage'),
}
