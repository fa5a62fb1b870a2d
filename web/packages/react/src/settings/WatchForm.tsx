import { useState } from 'react'
import type { Schemas } from '../api/types'
import { CheckField } from '../forms/CheckField'
import { FormDialog } from '../forms/FormDialog'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { ErrorNotice } from '../ui/States'
import { ActionInputs } from './ActionInputs'
import { FolderPicker } from './FolderPicker'
import { type Connection, type MailAction, type MailFolder, useWatchFolder } from './useMail'

/** WatchForm picks a folder whose attachments become extractions. */
export function WatchForm({ connection, onDone }: { connection: Connection; onDone: () => void }) {
  const { t } = useText()
  const watch = useWatchFolder()
  const [mailbox, setMailbox] = useState(connection.email)
  const [folder, setFolder] = useState<MailFolder | null>(null)
  const [from, setFrom] = useState<Schemas['MailStartKind']>('now')
  const [day, setDay] = useState('')
  const [action, setAction] = useState<MailAction>({ kind: 'none' })
  const [archives, setArchives] = useState(false)
  const submit = () => {
    const start = { from, ...(from === 'date' && day !== '' && { date: new Date(`${day}T00:00:00`).toISOString() }) }
    const body = { connectionId: connection.id, mailbox, folderId: folder?.id ?? '', folderName: folder?.name ?? '', start, archives, action }
    watch.mutate(body, { onSuccess: onDone })
  }
  return (
    <FormDialog title={t('microsoft.watch')} busy={watch.isPending} onSubmit={submit} onCancel={onDone}>
      {connection.kind === 'application' && <TextField label={t('microsoft.mailbox')} type="email" value={mailbox} onChange={setMailbox} />}
      <FolderPicker
        connection={connection.id}
        mailbox={connection.kind === 'application' ? mailbox : ''}
        chosen={folder?.id ?? ''}
        onChoose={setFolder}
      />
      <SelectField
        label={t('microsoft.start')}
        value={from}
        options={(['now', 'date', 'all'] as const).map((value) => ({ value, label: t(`microsoft.start.${value}`) }))}
        onChange={(value) => setFrom(value as Schemas['MailStartKind'])}
      />
      {from === 'date' && <TextField label={t('microsoft.since')} type="date" value={day} onChange={setDay} />}
      <CheckField label={t('microsoft.archives')} checked={archives} onChange={setArchives} />
      <ActionInputs connection={connection} mailbox={connection.kind === 'application' ? mailbox : ''} action={action} onChange={setAction} />
      {watch.error && <ErrorNotice error={watch.error} />}
    </FormDialog>
  )
}
