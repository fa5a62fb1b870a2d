import { useEffect, useRef, useState } from 'react'
import type { Extraction } from '../api/types'
import page from '../forms/page.module.css'
import { useReturn } from '../forms/useReturn'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ExtractionList } from './ExtractionList'
import { ExtractionView } from './ExtractionView'
import styles from './list.module.css'
import { useExtraction } from './useExtraction'
import { noFilters } from './useExtractions'

export interface ExtractorExtractionsProps {
  /** Called with the whole extraction when one was opened. */
  onSelect?: (extraction: Extraction) => void
}

/** The tenant's extractions, and each with its document. */
export function ExtractorExtractions({ onSelect }: ExtractorExtractionsProps) {
  const { t } = useText()
  const [opened, setOpened] = useState<string>()
  const [filters, setFilters] = useState(noFilters)
  const list = useReturn<HTMLElement>(opened)
  if (opened) return <Detail key={opened} id={opened} onSelect={onSelect} onAgain={setOpened} onBack={() => setOpened(undefined)} />
  return (
    <section ref={list} className={styles.page} aria-label={t('extractionsTitle')}>
      <h1>{t('extractionsTitle')}</h1>
      <p className={page.muted}>{t('extractionsAbout')}</p>
      <ExtractionList filters={filters} onFilters={setFilters} onOpen={setOpened} />
    </section>
  )
}

interface DetailProps extends ExtractorExtractionsProps {
  id: string
  onAgain: (id: string) => void
  onBack: () => void
}

function Detail({ id, onSelect, onAgain, onBack }: DetailProps) {
  const { t } = useText()
  const { data } = useExtraction(id)
  const told = useRef(false)
  useEffect(() => {
    if (!data || told.current) return
    told.current = true
    onSelect?.(data)
  }, [data, onSelect])
  return (
    <section className={styles.page} aria-label={t('extractionsTitle')}>
      <div><Button variant="quiet" autoFocus onClick={onBack}><span className={styles.arrow} aria-hidden="true">←</span> {t('back')}</Button></div>
      <ExtractionView id={id} onDeleted={onBack} onAgain={onAgain} />
    </section>
  )
}
