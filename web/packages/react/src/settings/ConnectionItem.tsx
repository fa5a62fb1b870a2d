import { IconButton } from '../forms/IconButton'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ApproveLink } from './ApproveLink'
import { MailStatus } from './MailStatus'
import type { Connection, Mailbox } from './useMail'

interface Props {
  connection: Connection
  mailboxes: Mailbox[]
  onCheck: () => void
  onReconnect: () => void
  onDelete: () => void
  onWatch: () => void
  onOpen: (mailbox: string) => void
}

/** ConnectionItem shows an account with its watched folders. */
export function ConnectionItem({ connection, mailboxes, onCheck, onReconnect, onDelete, onWatch, onOpen }: Props) {
  const { t, date } = useText()
  const name = connection.email || connection.microsoftTenantId || t('microsoft.unnamed')
  const connected = connection.connectedAt !== null // else nothing of it can be read yet
  return (
    <li className={`${page.item} ${page.column}`}>
      <div className={page.bar}>
        <h2 className={page.title} dir="auto">
          {name}
        </h2>
        {connected && <IconButton icon="delete" label={t('settings.deleteItem', { name })} onClick={onDelete} />}
      </div>
      <MailStatus status={connection.status} />
      {connection.adminConsentUrl && <ApproveLink url={connection.adminConsentUrl} />}
      {connected && (
        <p className={page.muted}>
          {t('microsoft.synced', { time: connection.lastSyncAt ? date(connection.lastSyncAt) : t('settings.never') })}
        </p>
      )}
      <ul className={page.list}>
        {mailboxes.map((mailbox) => (
          <li key={mailbox.id} className={page.item}>
            <div className={page.text}>
              <h3 dir="auto">{mailbox.folderName || mailbox.folderId}</h3>
              <MailStatus status={mailbox.status} off={!mailbox.isActive} />
              <p className={page.muted}>{t('microsoft.counts', { ...mailbox.counts })}</p>
            </div>
            <IconButton
              icon="open"
              label={t('microsoft.open', { name: mailbox.folderName || mailbox.folderId })}
              onClick={() => onOpen(mailbox.id)}
            />
          </li>
        ))}
      </ul>
      <div className={page.actions}>
        {connected && <Button onClick={onWatch}>{t('microsoft.watch')}</Button>}
        {connected && <Button onClick={onCheck}>{t('microsoft.check')}</Button>}
        <Button onClick={onReconnect}>{t(connected ? 'microsoft.reconnect' : 'retry')}</Button>
        {!connected && <Button onClick={onDelete}>{t('microsoft.remove')}</Button>}
      </div>
    </li>
  )
}
