import { useState } from 'react'
import page from '../forms/page.module.css'
import { SelectField } from '../forms/SelectField'
import { hasText, type Translator } from '../i18n'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice, QueryState } from '../ui/States'
import { Badge } from '../ui/StatusBadge'
import { type MailMessage, useMessages, useReplayMessage } from './useMail'

const states = ['waiting', 'done', 'filtered', 'draft', 'gone', 'failed'] as const

/** MailLedger lists a folder's mail: what was taken of it, and what not and why. */
export function MailLedger({ mailbox }: { mailbox: string }) {
  const { t } = useText()
  const [state, setState] = useState('')
  const list = useMessages(mailbox, state)
  const replay = useReplayMessage(mailbox)
  const messages = list.data?.pages.flatMap(({ items }) => items) ?? []
  const options = [{ value: '', label: t('all') }, ...states.map((value) => ({ value, label: t(`mail.${value}`) }))]
  return (
    <div className={page.page}>
      <SelectField label={t('webhooks.state')} value={state} options={options} onChange={setState} />
      <QueryState of={list} />
      {replay.error && <ErrorNotice error={replay.error} />}
      {list.isSuccess && messages.length === 0 && <p className={page.muted}>{t('microsoft.noMail')}</p>}
      <ul className={page.list}>
        {messages.map((message) => (
          <MessageItem key={message.id} message={message} onReplay={() => replay.mutate(message.id)} />
        ))}
      </ul>
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>{t('documents.more')}</Button>}
    </div>
  )
}

function MessageItem({ message, onReplay }: { message: MailMessage; onReplay: () => void }) {
  const text = useText()
  const { t, date } = text
  const because = why(text, message)
  const tones = { waiting: 'busy', done: 'success', filtered: 'neutral', draft: 'neutral', gone: 'neutral', failed: 'danger' } as const
  const { name, address } = message.from.emailAddress
  return (
    <li className={`${page.item} ${page.column}`}>
      <h3 dir="auto">{message.subject}</h3>
      <p className={page.muted} dir="auto">
        <Badge tone={tones[message.state]}>{t(`mail.${message.state}`)}</Badge> {name} {address} · {date(message.receivedAt)}
      </p>
      {because && <p dir="auto">{because}</p>}
      {message.rule && <p dir="auto">{t('microsoft.byRule', { name: message.rule })}</p>}
      <ul>
        {message.attachments.map((attachment) => (
          <li key={attachment.path} dir="auto">
            {attachment.name}{' '}
            <span className={page.muted}>{attachment.taken ? t('microsoft.taken') : why(text, attachment)}</span>
          </li>
        ))}
      </ul>
      <div>
        <Button onClick={onReplay}>{t('microsoft.replay')}</Button>
      </div>
    </li>
  )
}

/** The reason for what was left out, where possible in the reader's language. */
function why({ t }: Translator, { reason, advice }: { reason: string | null; advice: string | null }): string | null {
  const key = `reason.${reason}`
  return hasText(key) ? t(key) : (advice ?? reason)
}
