import {
  type Appearance, type ErrorKind, type Evidence, type Extraction, type ExtractionItem, ExtractorDocuments, ExtractorError, ExtractorExtractions,
  type ExtractorDocumentsProps, type ExtractorExtractionsProps, ExtractorProvider, type ExtractorProviderProps, ExtractorSettings, type ExtractorSettingsProps,
  ExtractorUpload, type ExtractorUploadProps, Loading, type Locale, locales, Problem, type Role, type Status, type Template, type ThemeVariable,
} from '@extractor/react'
import '@extractor/react/style.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

const told: string[] = []
Object.assign(window, { told })

const accent: ThemeVariable = 'accent'
const appearance: Appearance = { theme: 'light', variables: { [accent]: 'rgb(124, 58, 237)', radius: '3px' } }
const role: Role = 'admin'
const locale: Locale = locales[1]
const kinds: Record<ErrorKind, number> = { offline: 0, unauthorized: 0, limited: 0, server: 0, refused: 0 }

const provider: Omit<ExtractorProviderProps & { session: object }, 'children'> = {
  baseUrl: new URLSearchParams(location.search).get('extractor')!,
  session: async (): Promise<string> => (await (await fetch('/session', { method: 'POST' })).json()).token,
  appName: 'package-host', appearance, locale,
  fetch: (input, init) => window.fetch(input, init),
  onError: (error: ExtractorError) => told.push(`${error.kind} ${error.status} ${kinds[error.kind]} ${error.message}`),
  onTokenExpired: () => told.push('expired'),
}
const upload: ExtractorUploadProps = {
  onComplete: ({ extractionId, fileName, status }) => {
    const ended: Status = status
    told.push(`completed ${extractionId.length} ${fileName} ${ended}`)
  },
}
const extractions: ExtractorExtractionsProps = {
  onSelect: (extraction: Extraction) => {
    const places: Evidence[] = Object.values(extraction.evidence ?? {})
    const item: Pick<ExtractionItem, 'fileName'> = extraction
    told.push(`selected ${item.fileName} ${places.length}`)
  },
}
const documents: ExtractorDocumentsProps = { onSave: ({ name }: Template) => told.push(`saved ${name}`), onDelete: (id: string) => told.push(`deleted ${id}`) }
const settings: ExtractorSettingsProps = { role }

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ExtractorProvider {...provider}>
      <ExtractorUpload {...upload} />
      <ExtractorExtractions {...extractions} />
      <ExtractorDocuments {...documents} />
      <ExtractorSettings {...settings} />
      <Loading />
      <Problem kind="limited">The host's own words</Problem>
    </ExtractorProvider>
  </StrictMode>,
)

// What a type must refuse.
// @ts-expect-error a session or a key is needed
export const nobody: ExtractorProviderProps = { children: null }
// @ts-expect-error there is no such variable
export const unknown: Appearance = { variables: { colour: 'red' } }
