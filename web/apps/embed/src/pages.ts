import type { ComponentType } from 'react'
import type { PageProps } from './App'
import type { PageConfig } from './config'

type Pages = Record<PageConfig['page'], () => Promise<{ default: ComponentType<PageProps> }>>

/** The pages, each a script of its own. */
export const pages: Pages = {
  upload: () => import('./UploadPage'),
  documents: () => import('./DocumentsPage'),
  extractions: () => import('./ExtractionsPage'),
  settings: () => import('./SettingsPage'),
}
