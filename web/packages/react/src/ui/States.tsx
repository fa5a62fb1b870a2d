import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ExtractorError } from '../api/error'
import { useText } from '../provider'
import { Button } from './Button'
import styles from './States.module.css'

/** What stands in the place of a list that has nothing. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <svg aria-hidden="true" width="40" height="40" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.4"><path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h4" /></svg>
      <h2>{title}</h2>
      <div className={styles.note}>{children}</div>
    </div>
  )
}

/** Says what went wrong and what to do. What can be retried is read again by itself; what was not saved, its form sends again. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const message = useErrorText()(error, onRetry ? 'error' : 'unsaved')
  const fromAPI = error instanceof ExtractorError && error.message === message
  const { t } = useText()
  return (
    <div role="alert" className={styles.error}>
      <p lang={fromAPI ? 'en' : undefined}>{message}</p>
      {onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
    </div>
  )
}

const problems = { unauthorized: 'errorUnauthorized', forbidden: 'pageForbidden', limited: 'pageLimited', server: 'errorServer', refused: 'errorRefused' } as const

/** What stands in the place of a whole page that can't be shown, with the details under what to do. */
export function Problem({ kind, children }: { kind: keyof typeof problems; children: ReactNode }) {
  const { t } = useText()
  return (
    <div role="alert" className={styles.empty}>
      <svg aria-hidden="true" width="40" height="40" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round"><path d="M12 4 2.5 20h19zM12 10v5M12 17.6v.1" /></svg>
      <h1>{t(problems[kind])}</h1>
      <p>{children}</p>
    </div>
  )
}

/** The sentence for an error: the server's own where the user can mend it. Of a change that is `unsaved`, the user does the rest. */
export function useErrorText(): (error: unknown, of?: 'error' | 'unsaved') => string {
  const { t } = useText()
  return (error, of = 'error') => {
    if (!(error instanceof ExtractorError)) return t('errorUnknown')
    switch (error.kind) {
      case 'offline': return t(`${of}Offline`)
      case 'unauthorized': return t(`${of}Unauthorized`)
      case 'limited': return t(`${of}Limited`, { count: error.retryAfter ?? 5 })
      case 'server': return t(`${of}Server`)
      case 'refused': return error.message || t('errorRefused')
    }
  }
}

export function Loading() {
  const { t } = useText()
  return <div role="status" className={styles.loading}><span className={styles.spinner} aria-hidden="true" />{t('loading')}</div>
}

/** QueryState says that something is being read, or why it could not be. */
export function QueryState({ of }: { of: Pick<UseQueryResult, 'isPending' | 'error' | 'refetch'> }) {
  return (
    <>
      {of.isPending && <Loading />}
      {of.error && <ErrorNotice error={of.error} onRetry={() => void of.refetch()} />}
    </>
  )
}
