import { useEffect, useRef } from 'react'
import type { Schemas } from '../api/types'
import type { PaneProps } from './DocumentPane'
import { title, type ValueRow } from './values'
import styles from './view.module.css'

/** The places of a page's values, over the page. */
export function Boxes({ page, rows, active, onActive }: PaneProps & { page: number }) {
  return rows.filter((r) => r.evidence?.page === page && r.evidence.box).map((row) => (
    <ValueBox key={row.path} row={row} box={row.evidence!.box!} active={active?.path === row.path} reveal={active?.from === 'values'} onActive={onActive} />
  ))
}

interface Props {
  row: ValueRow
  box: Schemas['Box']
  active: boolean
  reveal: boolean
  onActive: (path?: string) => void
}

function ValueBox({ row, box, active, reveal, onActive }: Props) {
  const element = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (active && reveal) scrollWithin(element.current!)
  }, [active, reveal])
  const percent = (share: number) => `${share * 100}%`
  return (
    <button
      ref={element} type="button" className={`${styles.box} ${active ? styles.lit : ''}`}
      aria-label={`${title(row.label || row.path)}: ${String(row.value ?? '')}`} aria-pressed={active}
      style={{ left: percent(box.x), top: percent(box.y), width: percent(box.width), height: percent(box.height) }}
      onMouseEnter={() => onActive(row.path)} onMouseLeave={() => onActive()} onFocus={() => onActive(row.path)} onClick={() => onActive(row.path)}
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
