import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Extraction, Schemas, Template } from '../api/types'
import { Notice } from '../forms/Notice'
import { useClient, useReport, useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import styles from './view.module.css'

interface Props {
  extraction: Extraction
  /** What was made of the suggestion, once it was saved. */
  saved?: Template
  /** Whether the user comes back from the form, which had the focus. */
  left: boolean
  onWrite: () => void
  onAgain: (id: string) => void
}

/** The template that would fit a file that none fits: to look at, to save, then to use for the same file. */
export function Suggested({ extraction, saved, left, onWrite, onAgain }: Props) {
  const { t } = useText()
  const again = useExtractAgain(extraction, onAgain)
  const { name, fields } = saved ?? extraction.suggestedTemplate!
  return (
    <section className={styles.block} aria-label={t('template')}>
      {!saved && <p className={styles.muted}>{t('suggested')}</p>}
      <Notice text={saved ? t('documents.saved', { name }) : ''} />
      <details>
        <summary><bdi>{name}</bdi> · {t('fields', { count: fields.length })}</summary>
        <ul className={styles.checks}>{fields.map((f) => <li key={f.key}><code>{f.key}</code><span className={styles.muted}>{f.type}</span></li>)}</ul>
      </details>
      <div className={styles.actions}>
        {saved
          ? <Button variant="primary" autoFocus disabled={again.isPending} onClick={() => again.mutate(saved)}>{t('extractAgain')}</Button>
          : <Button autoFocus={left} onClick={onWrite}>{t('saveSuggested')}</Button>}
      </div>
      {again.error !== null && <ErrorNotice error={again.error} />}
    </section>
  )
}

/** Begins another extraction of the file, with a template. */
function useExtractAgain({ fileId }: Extraction, onAgain: (id: string) => void) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id }: Template) => client.call<Schemas['Started']>(`/files/${fileId}/extract`, { method: 'POST', body: { documentId: id } }),
    onSuccess: ({ extractionId }) => {
      void queries.invalidateQueries({ queryKey: ['extractions'] })
      onAgain(extractionId)
    },
    onError: useReport(),
  })
}
