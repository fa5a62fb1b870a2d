import { useRef, useState } from 'react'
import type { Schemas } from '../api/types'
import { ExtractionView } from '../extractions/ExtractionView'
import { useText } from '../provider'
import { DropZone } from './DropZone'
import { FileRow } from './FileRow'
import styles from './upload.module.css'
import { useUploads } from './useUploads'

/** What `onComplete` tells, as the guide's `extraction-complete` has it. */
export interface Completed {
  extractionId: string
  fileName: string
  fileType: string
  status: Schemas['Status']
  error: string | null
}

export interface ExtractorUploadProps {
  /** Called for each file when its extraction has ended, well or not. */
  onComplete?: (completed: Completed) => void
}

/** Takes files, uploads them, and shows what is extracted beside each document. */
export function ExtractorUpload({ onComplete }: ExtractorUploadProps) {
  const { t } = useText()
  const [shown, setShown] = useState<string>()
  const { uploads, add, remove, retry, replace } = useUploads((completed) => {
    if (completed.status === 'completed') setShown((now) => now ?? completed.extractionId)
    onComplete?.(completed)
  })
  const again = (extractionId: string) => {
    replace(shown!, extractionId)
    setShown(extractionId)
  }
  const page = useRef<HTMLElement>(null)
  const leave = (key: string) => {
    remove(key)
    page.current?.querySelector('button')?.focus({ preventScroll: true }) // the row that had it is gone
  }
  return (
    <section ref={page} className={styles.page} aria-label={t('uploadTitle')}>
      <h1>{t('uploadTitle')}</h1>
      <DropZone onFiles={add} compact={uploads.length > 0} />
      {uploads.length > 0 && (
        <ul className={styles.files} aria-label={t('uploadFiles')}>
          {uploads.map((upload) => (
            <FileRow key={upload.key} upload={upload} shown={upload.extractionId === shown && Boolean(shown)}
              onShow={() => setShown(upload.extractionId)} onRemove={() => leave(upload.key)} onRetry={() => retry(upload.key)} />
          ))}
        </ul>
      )}
      {shown && uploads.some((u) => u.extractionId === shown) && (
        <section aria-label={t('uploadResult')}><ExtractionView key={shown} id={shown} onAgain={again} /></section>
      )}
    </section>
  )
}
