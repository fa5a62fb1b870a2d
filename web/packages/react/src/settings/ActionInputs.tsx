import page from '../forms/page.module.css'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { FolderPicker } from './FolderPicker'
import type { Connection, MailAction } from './useMail'

interface Props {
  connection: Connection
  /** The mailbox's address; '' is the account's own. */
  mailbox: string
  action: MailAction
  onChange: (action: MailAction) => void
}

const kinds = ['none', 'mark_read', 'category', 'move'] as const

/** ActionInputs say what happens to a mail once it was extracted. Every choice but none needs the right to change mail. */
export function ActionInputs({ connection, mailbox, action, onChange }: Props) {
  const { t } = useText()
  return (
    <>
      <SelectField
        label={t('microsoft.action')}
        value={action.kind}
        options={kinds.map((kind) => ({ value: kind, label: t(`microsoft.action.${kind}`) }))}
        onChange={(kind) => onChange({ kind: kind as MailAction['kind'] })}
      />
      {action.kind !== 'none' && !connection.write && <p className={page.muted}>{t('microsoft.readOnly')}</p>}
      {action.kind === 'category' && (
        <TextField label={t('microsoft.category')} value={action.category ?? ''} onChange={(category) => onChange({ kind: 'category', category })} />
      )}
      {action.kind === 'move' && (
        <FolderPicker
          connection={connection.id}
          mailbox={mailbox}
          label={t('microsoft.target')}
          chosen={action.folderId ?? ''}
          onChoose={(folder) => onChange({ kind: 'move', folderId: folder.id })}
        />
      )}
    </>
  )
}
