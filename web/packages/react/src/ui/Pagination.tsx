import type { Schemas } from '../api/types'
import { useText } from '../provider'
import { Button } from './Button'
import styles from './Pagination.module.css'

export function Pagination({ pagination, onPage }: { pagination: Schemas['Pagination']; onPage: (page: number) => void }) {
  const { t } = useText()
  const { page, totalPages } = pagination
  if (totalPages <= 1) return null
  return (
    <nav className={styles.pages} aria-label={t('pages')}>
      <Button aria-label={t('previous')} disabled={!pagination.hasPrevPage} onClick={() => onPage(page - 1)}>‹</Button>
      <span aria-live="polite">{t('pageOf', { page, pages: totalPages })}</span>
      <Button aria-label={t('next')} disabled={!pagination.hasNextPage} onClick={() => onPage(page + 1)}>›</Button>
    </nav>
  )
}
