import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import styles from './Dialog.module.css'

interface Props {
  title: string
  onClose: () => void
  /** Whether what opened the dialog goes with it, as the button of something that is deleted. */
  openerGoes?: RefObject<boolean>
  /** The buttons. */
  actions: ReactNode
  children: ReactNode
}

/**
 * A modal dialog: the browser's own, which holds the focus and closes by Escape. After it the focus is where it was; if
 * that goes, at the region that held it.
 */
export function Dialog({ title, onClose, openerGoes, actions, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const opener = useRef<{ element: HTMLElement; region: HTMLElement | null }>(null) // as it was, where effects run twice
  useEffect(() => {
    const focused = document.activeElement as HTMLElement
    const { element, region } = (opener.current ??= { element: focused, region: focused.closest('[role="tabpanel"], section') })
    dialog.current?.showModal()
    return () => {
      if (element.isConnected && !openerGoes?.current) return element.focus()
      region?.setAttribute('tabindex', '-1')
      region?.focus()
    }
  }, [openerGoes])
  return (
    <dialog ref={dialog} aria-labelledby={id} className={styles.dialog} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      <div className={styles.body}>{children}</div>
      <div className={styles.actions}>{actions}</div>
    </dialog>
  )
}
