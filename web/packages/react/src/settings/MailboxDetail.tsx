import { useState } from 'react'
import { ConfirmDialog } from '../forms/ConfirmDialog'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import { MailLedger } from './MailLedger'
import { MailStatus } from './MailStatus'
import { RulesForm } from './RulesForm'
import { type Mailbox, useChangeMailbox, useDeleteMailbox } from './useMail'

/** MailboxDetail shows a watched folder: its state, its rules, and what became of its mail. */
export function MailboxDetail({ mailbox, onBack }: { mailbox: Mailbox; onBack: () => void }) {
  const { t } = useText()
  const change = useChangeMailbox()
  const remove = useDeleteMailbox()
  const [ruling, setRuling] = useState(false)
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
      <MailStatus status={mailbox.status} />
      <div className={page.actions}>
        <Button onClick={() => setRuling(true)}>{t('microsoft.rules')}</Button>
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
      {doomed && (
        <ConfirmDialog
          title={t('settings.deleteTitle', { name })}
          confirm={t('microsoft.unwatch')}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(mailbox.id, { onSuccess: onBack })}
          onCancel={() => setDoomed(false)}
        >
          {t('microsoft.unwatchText')}
        </ConfirmDialog>
      )}
    </div>
  )
}
