import type { UseMutationResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ConfirmDialog } from '../forms/ConfirmDialog'
import { useText } from '../provider'

interface Props {
  id: string
  name: string
  remove: UseMutationResult<unknown, Error, string>
  /** The word for deleting it, where that is not "delete". */
  confirm?: string
  onDeleted: () => void
  onCancel: () => void
  children: ReactNode
}

/** DeleteDialog asks before what has a name is deleted. */
export function DeleteDialog({ id, name, remove, confirm, onDeleted, onCancel, children }: Props) {
  const { t } = useText()
  const cancel = () => {
    remove.reset() // why it failed is not said of the next one
    onCancel()
  }
  return (
    <ConfirmDialog
      title={t('settings.deleteTitle', { name })}
      confirm={confirm ?? t('delete')}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(id, { onSuccess: onDeleted })}
      onCancel={cancel}
    >
      {children}
    </ConfirmDialog>
  )
}
