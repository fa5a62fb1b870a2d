import { useState } from 'react'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import { ActionForm } from './ActionForm'
import { DeleteDialog } from './DeleteDialog'
import { MailLedger } from './MailLedger'
import { MailStatus } from './MailStatus'
import { RulesForm } from './RulesForm'
import { type Connection, type Mailbox, useChangeMailbox, useDeleteMailbox } from './useMail'

/** MailboxDetail shows a watched folder: its state, its rules, and what became of its mail. */
export function MailboxDetail({ connection, mailbox, onBack }: { connection?: Connection; mailbox: Mailbox; onBack: () => void }) {
  const { t, date } = useText()
  const change = useChangeMailbox()
  const remove = useDeleteMailbox()
  const [ruling, setRuling] = useState(false)
  const [acting, setActing] = useState(false)
  const [doomed, setDoomed] = useState(false)
  const name = mailbox.folderName || mailbox.folderId
  return (
    <div className={page.page}>
      <div>
        <Button onClick={onBack}>{t('back')}</Button>
      </div>
      <h2 dir="auto">
        {name} <span className={page.muted}>{mailbox.mailbox}</span>
      </h2>
      <MailStatus status={mailbox.status} off={!mailbox.isActive} />
      <p className={page.muted}>
        {t('microsoft.synced', { time: mailbox.lastSyncAt ? date(mailbox.lastSyncAt) : t('settings.never') })}
        {mailbox.isActive && ' · '}
        {mailbox.isActive && t(mailbox.push ? 'microsoft.push' : 'microsoft.polled')}
      </p>
      {mailbox.action.kind !== 'none' && (
        <p className={page.muted}>
          {t('microsoft.action')}: {t(`microsoft.action.${mailbox.action.kind}`)}
        </p>
      )}
      <div className={page.actions}>
        <Button onClick={() => setRuling(true)}>{t('microsoft.rules')}</Button>
        {connection && <Button onClick={() => setActing(true)}>{t('microsoft.options')}</Button>}
        <Button onClick={() => change.mutate({ id: mailbox.id, body: { isActive: !mailbox.isActive } })}>
          {t(mailbox.isActive ? 'settings.switchOff' : 'settings.switchOn', { name })}
        </Button>
        <Button variant="danger" onClick={() => setDoomed(true)}>
          {t('microsoft.unwatch')}
        </Button>
      </div>
      {change.error && <ErrorNotice error={change.error} />}
      <MailLedger mailbox={mailbox.id} />
      {ruling && <RulesForm mailbox={mailbox} onDone={() => setRuling(false)} />}
      {acting && connection && <ActionForm connection={connection} mailbox={mailbox} onDone={() => setActing(false)} />}
      {doomed && (
        <DeleteDialog
          id={mailbox.id}
          name={name}
          remove={remove}
          confirm={t('microsoft.unwatch')}
          onDeleted={onBack}
          onCancel={() => setDoomed(false)}
        >
          {t('microsoft.unwatchText')}
        </DeleteDialog>
      )}
    </div>
  )
}
