import { useEffect, useRef, useState } from 'react'
import type { Evidence } from '../api/types'
import type { TextKey } from '../i18n'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Badge } from '../ui/StatusBadge'
import type { Active } from './ExtractionView'
import { title, type ValueRow } from './values'
import styles from './view.module.css'

interface Props {
  rows: ValueRow[]
  active?: Active
  onActive: (path?: string) => void
}

/** The values; pointing at one, or focusing it, shows its place on the page. */
export function ValueList({ rows, active, onActive }: Props) {
  const { t } = useText()
  if (rows.length === 0) return <p className={styles.muted}>{t('noValue')}</p>
  return (
    <ul className={styles.list}>
      {rows.map((row) => (
        <ValueLine key={row.path} row={row} active={active?.path === row.path} reveal={active?.from === 'page'} onActive={onActive} />
      ))}
    </ul>
  )
}

const longest = 1000 // characters of a value that are shown unasked

function ValueLine({ row, active, reveal, onActive }: { row: ValueRow; active: boolean; reveal: boolean; onActive: Props['onActive'] }) {
  const { t } = useText()
  const line = useRef<HTMLLIElement>(null)
  const [whole, setWhole] = useState(false)
  useEffect(() => {
    if (active && reveal) line.current?.scrollIntoView({ block: 'nearest' })
  }, [active, reveal])
  const name = row.item ? t('item', { number: row.item }) : title(row.label)
  const depth = styles[`depth${Math.min(row.depth, 4)}`] ?? ''
  if (row.group) return <li className={`${styles.group} ${depth}`}><bdi>{name}</bdi></li>
  const content = (
    <>
      <span className={styles.key}><bdi>{name}</bdi></span>
      <span className={styles.what}><ShownValue row={row} whole={whole} /></span>
      <span className={styles.sure}><Sureness evidence={row.evidence} /></span>
    </>
  )
  const placed = Boolean(row.evidence?.box)
  return (
    <li ref={line} className={`${styles.line} ${active ? styles.active : ''}`} onMouseEnter={() => placed && onActive(row.path)} onMouseLeave={() => placed && onActive()}>
      {placed
        ? <button type="button" className={`${styles.row} ${depth}`} aria-pressed={active} onFocus={() => onActive(row.path)} onClick={() => onActive(row.path)}>{content}</button>
        : <div className={`${styles.row} ${depth}`}>{content}</div>}
      {String(row.value ?? '').length > longest && (
        <Button variant="quiet" className={styles.more} aria-expanded={whole} onClick={() => setWhole(!whole)}>{t(whole ? 'showLess' : 'showAll')}</Button>
      )}
    </li>
  )
}

const reasons: Record<NonNullable<Evidence['reason']>, TextKey> = {
  'not-found': 'notFound', ambiguous: 'ambiguous', unreadable: 'unreadable', 'type-mismatch': 'typeMismatch',
}

function ShownValue({ row, whole }: { row: ValueRow; whole: boolean }) {
  const { t, number } = useText()
  const { value, evidence } = row
  if (value === null || value === undefined || value === '') {
    const seen = evidence?.candidates?.map((c) => c.text).join(' · ')
    return (
      <span className={styles.none}>
        {t(evidence?.reason ? reasons[evidence.reason] : 'noValue')}
        {seen && <span className={styles.seen}><bdi>{t('candidates', { texts: seen })}</bdi></span>}
      </span>
    )
  }
  const text = typeof value === 'number' ? number(value, { maximumFractionDigits: 20 }) : String(value)
  return <bdi className={styles.value}>{whole || text.length <= longest ? text : `${text.slice(0, longest)}…`}</bdi>
}

function Sureness({ evidence }: { evidence?: Evidence }) {
  const { t, number } = useText()
  if (evidence?.confidence === undefined || evidence.reason) return null
  const tone = evidence.confidence >= 0.9 ? 'success' : evidence.confidence >= 0.6 ? 'warning' : 'danger'
  return <Badge tone={tone}>{t('confidence', { percent: number(evidence.confidence, { style: 'percent' }) })}</Badge>
}
