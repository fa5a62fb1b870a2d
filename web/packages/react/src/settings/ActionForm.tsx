import { useState } from 'react'
import { FormDialog } from '../forms/FormDialog'
import { useText } from '../provider'
import { ErrorNotice } from '../ui/States'
import { ActionInputs } from './ActionInputs'
import { type Connection, type Mailbox, useChangeMailbox } from './useMail'

/** ActionForm changes what happens to a watched folder's mail once it was extracted. */
export function ActionForm({ connection, mailbox, onDone }: { connection: Connection; mailbox: Mailbox; onDone: () => void }) {
  const { t } = useText()
  const save = useChangeMailbox()
  const [action, setAction] = useState(mailbox.action)
  const of = connection.kind === 'application' ? mailbox.mailbox : ''
  return (
    <FormDialog
      title={t('microsoft.options')}
      busy={save.isPending}
      onSubmit={() => save.mutate({ id: mailbox.id, body: { action } }, { onSuccess: onDone })}
      onCancel={onDone}
    >
      <ActionInputs connection={connection} mailbox={of} action={action} onChange={setAction} />
      {save.error && <ErrorNotice error={save.error} />}
    </FormDialog>
  )
}
