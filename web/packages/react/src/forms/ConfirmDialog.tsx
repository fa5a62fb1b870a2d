import { type ReactNode, useRef } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { ErrorNotice } from '../ui/States'

interface Props {
  title: string
  /** The word for what is confirmed. */
  confirm: string
  busy: boolean
  error: Error | null
  onConfirm: () => void
  onCancel: () => void
  children: ReactNode
}

/** ConfirmDialog asks before something is done that can't be undone. */
export function ConfirmDialog({ title, confirm, busy, error, onConfirm, onCancel, children }: Props) {
  const { t } = useText()
  const confirmed = useRef(false)
  const confirmNow = () => {
    confirmed.current = true
    onConfirm()
  }
  const cancel = () => {
    confirmed.current = false
    onCancel()
  }
  const actions = (
    <>
      <Button onClick={cancel}>{t('cancel')}</Button>
      <Button variant="danger" disabled={busy} onClick={confirmNow}>
        {confirm}
      </Button>
    </>
  )
  return (
    <Dialog title={title} onClose={cancel} openerGoes={confirmed} actions={actions}>
      <p>{children}</p>
      {error && <ErrorNotice error={error} />}
    </Dialog>
  )
}
