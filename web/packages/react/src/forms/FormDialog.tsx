import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import styles from './forms.module.css'

interface Props {
  title: string
  busy: boolean
  /** The word of the button that sends the form; without: Save. */
  send?: string
  onSubmit: () => void
  onCancel: () => void
  children: ReactNode
}

/** FormDialog is a form in a dialog. What is wrong with it, the API says; the focus goes there. */
export function FormDialog({ title, busy, send, onSubmit, onCancel, children }: Props) {
  const { t } = useText()
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (!busy) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [busy])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  const actions = (
    <>
      <Button onClick={onCancel}>{t('cancel')}</Button>
      <Button type="submit" form={id} variant="primary" disabled={busy}>
        {send ?? t('save')}
      </Button>
    </>
  )
  return (
    <Dialog title={title} onClose={onCancel} actions={actions}>
      <form ref={form} id={id} className={styles.form} onSubmit={submit} noValidate>
        {children}
      </form>
    </Dialog>
  )
}
