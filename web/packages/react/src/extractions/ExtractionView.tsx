import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { ended, failed } from '../api/events'
import type { Template } from '../api/types'
import { useText } from '../provider'
import { ErrorNotice, Loading } from '../ui/States'
import { StatusBadge } from '../ui/StatusBadge'
import { Actions } from './Actions'
import { Checks } from './Checks'
import { Suggested } from './Suggested'
import { useExtraction } from './useExtraction'
import { ValueList } from './ValueList'
import { valueRows } from './values'
import styles from './view.module.css'

const DocumentForm = lazy(() => import('../documents/DocumentForm').then(({ DocumentForm }) => ({ default: DocumentForm })))
const DocumentPane = lazy(() => import('./DocumentPane'))
const EmailPane = lazy(() => import('./EmailPane'))

/** Which value is looked at, and where it was pointed to. */
export interface Active {
  path: string
  from: 'values' | 'page'
}

interface Props {
  id: string
  onDeleted?: () => void
  /** Called with the id of the extraction of the same file that was begun. */
  onAgain: (id: string) => void
}

/** An extraction: the document beside its values, each linked with its place. */
export function ExtractionView({ id, onDeleted, onAgain }: Props) {
  const { t, date } = useText()
  const { data, error, refetch } = useExtraction(id)
  const [active, setActive] = useState<Active>()
  const [template, setTemplate] = useState<Template | 'written' | 'left'>() // made of the suggested one
  const rows = useMemo(() => (data ? valueRows(data) : []), [data])
  const fromPage = useCallback((path?: string) => setActive(path ? { path, from: 'page' } : undefined), [])
  const fromValues = useCallback((path?: string) => setActive(path ? { path, from: 'values' } : undefined), [])
  if (!data) return error ? <ErrorNotice error={error} onRetry={refetch} /> : <Loading />
  if (template === 'written' && data.suggestedTemplate) {
    return (
      <Suspense fallback={<Loading />}>
        <DocumentForm document={null} suggested={data.suggestedTemplate} onSaved={setTemplate} onCancel={() => setTemplate('left')} />
      </Suspense>
    )
  }
  return (
    <article className={styles.view}>
      <header className={styles.header}>
        <div className={styles.heading}>
          <h2 className={styles.name}><bdi>{data.fileName}</bdi></h2>
          <p className={styles.facts}><StatusBadge status={data.status} /><span>{data.document?.name}</span><time dateTime={data.createdAt}>{date(data.createdAt)}</time></p>
        </div>
        <Actions extraction={data} rows={rows} onDeleted={onDeleted} />
      </header>
      {error !== null && <ErrorNotice error={error} onRetry={refetch} />}
      {failed(data.status) && <p role="alert" className={styles.failure}>{data.error ?? t('errorRefused')}</p>}
      <div className={styles.panes}>
        <section className={styles.document} aria-label={t('document')}>
          <Suspense fallback={<Loading />}>
            <DocumentPane extraction={data} rows={rows} active={active} onActive={fromPage} />
          </Suspense>
        </section>
        <section className={styles.values} aria-label={t('values')}>
          <h3>{t('values')}</h3>
          {ended(data.status) ? <ValueList rows={rows} active={active} onActive={fromValues} /> : <p role="status" className={styles.muted}>{t('working')}</p>}
          {data.suggestedTemplate && <Suggested extraction={data} saved={typeof template === 'object' ? template : undefined} left={template === 'left'} onWrite={() => setTemplate('written')} onAgain={onAgain} />}
          {data.checks && data.checks.length > 0 && <Checks checks={data.checks} />}
          {data.email && <Suspense fallback={<Loading />}><EmailPane email={data.email} /></Suspense>}
        </section>
      </div>
    </article>
  )
}
