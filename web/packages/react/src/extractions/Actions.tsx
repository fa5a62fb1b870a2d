import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { failed } from '../api/events'
import type { Extraction } from '../api/types'
import { useCopy } from '../forms/useCopy'
import { useClient, useReport, useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { ErrorNotice } from '../ui/States'
import { toCSV, type ValueRow } from './values'
import styles from './view.module.css'

/** What can be done with an extraction. */
export function Actions({ extraction, rows, onDeleted }: { extraction: Extraction; rows: ValueRow[]; onDeleted?: () => void }) {
  const { t } = useText()
  const client = useClient()
  const queries = useQueryClient()
  const onError = useReport()
  const [asking, setAsking] = useState(false)
  const { said, copy } = useCopy()
  const path = `/extractions/${extraction.id}`
  const refresh = () => Promise.all([queries.invalidateQueries({ queryKey: ['extraction', extraction.id] }), queries.invalidateQueries({ queryKey: ['extractions'] })])
  const retry = useMutation({ mutationFn: () => client.call(`${path}/retry`, { method: 'POST' }), onSuccess: refresh, onError })
  const remove = useMutation({
    mutationFn: () => client.call(path, { method: 'DELETE' }),
    onSuccess: () => {
      setAsking(false)
      void queries.invalidateQueries({ queryKey: ['extractions'] })
      onDeleted?.()
    },
    onError,
  })
  const json = () => JSON.stringify(extraction.extractedData, null, 2)
  const base = extraction.fileName.replace(/\.[^.]*$/, '') || 'extraction'
  return (
    <div className={styles.actions}>
      {failed(extraction.status) && <Button variant="primary" disabled={retry.isPending} onClick={() => retry.mutate()}>{t('retryExtraction')}</Button>}
      {extraction.extractedData && (
        <>
          <Button onClick={() => void copy(json())}><span aria-live="polite">{t(said ?? 'copyJson')}</span></Button>
          <Button aria-label={`${t('download')} JSON`} onClick={() => save(`${base}.json`, 'application/json', json())}>{t('downloadJson')} ↓</Button>
          <Button aria-label={`${t('download')} CSV`} onClick={() => save(`${base}.csv`, 'text/csv', toCSV(rows))}>{t('downloadCsv')} ↓</Button>
        </>
      )}
      {onDeleted && <Button variant="danger" onClick={() => setAsking(true)}>{t('delete')}</Button>}
      {retry.error !== null && <ErrorNotice error={retry.error} />}
      {asking && (
        <Dialog title={t('deleteAsk')} onClose={() => setAsking(false)} actions={
          <>
            <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
            <Button variant="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>{t('delete')}</Button>
          </>
        }>
          <p>{t('deleteWarn', { name: extraction.fileName })}</p>
          {remove.error !== null && <ErrorNotice error={remove.error} />}
        </Dialog>
      )}
    </div>
  )
}

function save(name: string, type: string, content: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
