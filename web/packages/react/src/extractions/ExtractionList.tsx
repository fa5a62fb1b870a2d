import { useDeferredValue, useEffect, useState } from 'react'
import type { ExtractionItem } from '../api/types'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Pagination } from '../ui/Pagination'
import { EmptyState, ErrorNotice, Loading } from '../ui/States'
import { StatusBadge } from '../ui/StatusBadge'
import { type Column, Table } from '../ui/Table'
import { Tabs } from '../ui/Tabs'
import styles from './list.module.css'
import { type Filters, noFilters, statuses, useExtractions, useTemplates } from './useExtractions'

interface Props {
  filters: Filters
  onFilters: (filters: Filters) => void
  onOpen: (id: string) => void
}

/** The list with its tabs, its search and its pages. */
export function ExtractionList({ filters, onFilters, onOpen }: Props) {
  const { t } = useText()
  const templates = useTemplates()
  const tabs = [{ id: '', title: t('all') }, ...(templates.data?.items ?? []).map((d) => ({ id: d.id, title: d.name }))]
  const set = (fields: Partial<Filters>) => onFilters({ ...filters, page: 1, asOf: undefined, ...fields })
  return (
    <Tabs label={t('template')} tabs={tabs} selected={filters.documentId} onSelect={(documentId) => set({ documentId })}>
      <div className={styles.filters}>
        <Search value={filters.search} onChange={(search) => set({ search })} />
        <Field label={t('status')} hideLabel>
          <select value={filters.status} onChange={(e) => set({ status: e.target.value as Filters['status'] })}>
            <option value="">{t('allStatuses')}</option>
            {statuses.map((s) => <option key={s} value={s}>{t(`status.${s}`)}</option>)}
          </select>
        </Field>
      </div>
      <Results filters={filters} onFilters={onFilters} onOpen={onOpen} />
    </Tabs>
  )
}

function Search({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useText()
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), 250) // asks once, when the typing rests
    return () => clearTimeout(timer)
  })
  return (
    <Field label={t('searchFiles')} hideLabel>
      <input type="search" maxLength={200} placeholder={t('searchFiles')} value={text} onChange={(e) => setText(e.target.value)} />
    </Field>
  )
}

function Results({ filters, onFilters, onOpen }: Props) {
  const { t } = useText()
  const { data, error, refetch, isPlaceholderData } = useExtractions(filters)
  const filtered = filters.search || filters.status || filters.documentId
  return (
    <div className={isPlaceholderData ? styles.stale : undefined} aria-busy={isPlaceholderData}>
      {error !== null && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Loading />}
      {data && data.items.length > 0 && <p className={styles.count} role="status">{t('results', { count: data.pagination.totalCount })}</p>}
      {data && data.items.length > 0 && <Rows items={data.items} onOpen={onOpen} />}
      {data?.items.length === 0 && (
        <EmptyState title={t(filtered ? 'noMatches' : 'noExtractions')}>
          <p>{t(filtered ? 'noMatchesHint' : 'noExtractionsHint')}</p>
          {filtered && <Button onClick={() => onFilters(noFilters)}>{t('clearFilters')}</Button>}
        </EmptyState>
      )}
      {data && <Pagination pagination={data.pagination} onPage={(page) => onFilters({ ...filters, page, asOf: data.pagination.asOf })} />}
    </div>
  )
}

/** How many rows come first, fewer than are in sight: the others are drawn in slices, and the page answers meanwhile. */
const firstRows = 8

function Rows({ items, onOpen }: { items: ExtractionItem[]; onOpen: (id: string) => void }) {
  const { t, date } = useText()
  const rows = useDeferredValue(items, items.slice(0, firstRows)) // React 18 knows no first value, and shows all at once
  const columns: Column<ExtractionItem>[] = [
    { key: 'file', title: t('file'), cell: (x) => <button type="button" className={styles.open} aria-label={t('openExtraction', { name: x.fileName })} data-opens={x.id} onClick={() => onOpen(x.id)}><bdi>{x.fileName}</bdi></button> },
    { key: 'template', title: t('template'), secondary: true, cell: (x) => <bdi className={styles.cut}>{x.documentName ?? '—'}</bdi> },
    { key: 'status', title: t('status'), cell: (x) => <StatusBadge status={x.status} /> },
    { key: 'created', title: t('created'), cell: (x) => <time className={styles.time} dateTime={x.createdAt}>{date(x.createdAt)}</time> },
  ]
  return <Table caption={t('extractionsTitle')} columns={columns} rows={rows} id={(x) => x.id} />
}
