import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { useText } from '../provider'
import type { PaneProps } from './DocumentPane'
import { title, type ValueRow } from './values'
import styles from './view.module.css'

/**
 * The places of a page's values, over the page: one stop of the Tab key, in which
 * the arrows move from value to value.
 */
export function Boxes({ page, rows, active, onActive }: PaneProps & { page: number }) {
  const { t } = useText()
  const id = useId()
  const placed = rows.filter((r) => r.evidence?.page === page && r.evidence.box)
  if (placed.length === 0) return null
  const at = placed.findIndex((r) => r.path === active?.path)
  const move = (e: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: placed.length - 1 }
    const to = steps[e.key]
    if (to === undefined) return
    e.preventDefault()
    onActive(placed[Math.min(Math.max(to, 0), placed.length - 1)]!.path)
  }
  return (
    <div
      role="listbox" tabIndex={0} className={styles.boxes} aria-label={t('valuesOn', { page })}
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`} onKeyDown={move} onFocus={() => at < 0 && onActive(placed[0]!.path)}
    >
      {placed.map((row, i) => (
        <ValueBox key={row.path} id={`${id}-${i}`} row={row} active={i === at} reveal={active?.from === 'values'} onActive={onActive} />
      ))}
    </div>
  )
}

interface Props {
  id: string
  row: ValueRow
  active: boolean
  reveal: boolean
  onActive: (path?: string) => void
}

function ValueBox({ id, row, active, reveal, onActive }: Props) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (active && reveal) scrollWithin(element.current!)
  }, [active, reveal])
  const box = row.evidence!.box!
  const percent = (share: number) => `${share * 100}%`
  return (
    <div
      ref={element} id={id} role="option" className={`${styles.box} ${active ? styles.lit : ''}`}
      aria-label={`${title(row.label || row.path)}: ${String(row.value ?? '')}`} aria-selected={active}
      style={{ left: percent(box.x), top: percent(box.y), width: percent(box.width), height: percent(box.height) }}
      onMouseEnter={() => onActive(row.path)} onMouseLeave={() => onActive()}
    />
  )
}

/** Scrolls the document's pane alone: the rest of the page stays where the pointer is. */
function scrollWithin(box: HTMLElement) {
  const pane = box.closest<HTMLElement>('[data-pages]')
  if (!pane) return
  const at = box.getBoundingClientRect()
  const around = pane.getBoundingClientRect()
  if (at.top >= around.top && at.bottom <= around.bottom) return
  pane.scrollTop += at.top - around.top - around.height / 3
}
