import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import styles from './Tabs.module.css'

interface Props {
  label: string
  tabs: { id: string; title: string }[]
  selected: string
  onSelect: (id: string) => void
  children: ReactNode
}

/** Tabs by the ARIA Authoring Practices: arrows, Home and End move among them. */
export function Tabs({ label, tabs, selected, onSelect, children }: Props) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const move = (e: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === selected)
    const right = getComputedStyle(list.current!).direction === 'rtl' ? -1 : 1
    const to = { ArrowRight: at + right, ArrowLeft: at - right, Home: 0, End: tabs.length - 1 }[e.key]
    if (to === undefined) return
    e.preventDefault()
    const next = (to + tabs.length) % tabs.length
    onSelect(tabs[next]!.id)
    ;(list.current?.children[next] as HTMLElement).focus()
  }
  return (
    <>
      <div role="tablist" aria-label={label} className={styles.list} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button key={tab.id} type="button" role="tab" id={`${id}-${tab.id}`} aria-selected={tab.id === selected} aria-controls={`${id}-panel`} tabIndex={tab.id === selected ? 0 : -1} className={styles.tab} onClick={() => onSelect(tab.id)}>{tab.title}</button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`} className={styles.panel}>{children}</div>
    </>
  )
}
