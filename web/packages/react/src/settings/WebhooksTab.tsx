import page from '../forms/page.module.css'
import { useReturn } from '../forms/useReturn'
import { useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice, QueryState } from '../ui/States'
import { DeleteDialog } from './DeleteDialog'
import { OnceDialog } from './OnceDialog'
import { useDeleteWebhook, useSaveWebhook, useWebhooks, type Webhook } from './useWebhooks'
import { WebhookDetail } from './WebhookDetail'
import { WebhookForm } from './WebhookForm'
import { WebhookItem } from './WebhookItem'

export function WebhooksTab() {
  const { t } = useText()
  const webhooks = useWebhooks()
  const save = useSaveWebhook()
  const remove = useDeleteWebhook()
  const [opened, setOpened] = useState<string | null>(null)
  const [edited, setEdited] = useState<Webhook | 'new' | null>(null)
  const [secret, setSecret] = useState('')
  const [doomed, setDoomed] = useState<Webhook | null>(null)
  const list = useReturn<HTMLDivElement>(opened)
  const shown = webhooks.data?.find((webhook) => webhook.id === opened)
  const saved = (webhook: Webhook) => {
    setSecret(webhook.secret ?? '')
    setEdited(null)
  }
  const switchOn = (webhook: Webhook) => save.mutate({ id: webhook.id, body: { isActive: !webhook.isActive } })

  const once = secret !== '' && (
    <OnceDialog title={t('webhooks.onceTitle')} text={t('webhooks.once')} secret={secret} onClose={() => setSecret('')} />
  )
  if (shown) {
    return (
      <>
        <WebhookDetail webhook={shown} onBack={() => setOpened(null)} onSecret={setSecret} onSwitch={() => switchOn(shown)} />
        {once}
      </>
    )
  }
  return (
    <div ref={list} className={page.panel}>
      <p className={page.muted}>{t('webhooks.about')}</p>
      <Button variant="primary" onClick={() => setEdited('new')}>
        {t('webhooks.new')}
      </Button>
      <QueryState of={webhooks} />
      {save.error && <ErrorNotice error={save.error} />}
      {webhooks.data?.length === 0 && <p className={page.muted}>{t('webhooks.empty')}</p>}
      <ul className={page.list}>
        {webhooks.data?.map((webhook) => (
          <WebhookItem
            key={webhook.id}
            webhook={webhook}
            onOpen={() => setOpened(webhook.id)}
            onEdit={() => setEdited(webhook)}
            onSwitch={() => switchOn(webhook)}
            onDelete={() => setDoomed(webhook)}
          />
        ))}
      </ul>
      {edited && <WebhookForm webhook={edited === 'new' ? null : edited} onSaved={saved} onCancel={() => setEdited(null)} />}
      {once}
      {doomed && (
        <DeleteDialog id={doomed.id} name={doomed.name} remove={remove} onDeleted={() => setDoomed(null)} onCancel={() => setDoomed(null)}>
          {t('webhooks.deleteText')}
        </DeleteDialog>
      )}
    </div>
  )
}
