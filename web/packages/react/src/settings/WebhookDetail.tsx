import page from '../forms/page.module.css'
import { useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Notice } from '../forms/Notice'
import { ErrorNotice } from '../ui/States'
import { DeliveryList } from './DeliveryList'
import { useReplay, useRotateSecret, useTestWebhook, type Webhook } from './useWebhooks'
import { WebhookState } from './WebhookItem'

interface Props {
  webhook: Webhook
  onBack: () => void
  onSecret: (secret: string) => void
  onSwitch: () => void
}

/** WebhookDetail shows a webhook's deliveries, and what can be done with it. */
export function WebhookDetail({ webhook, onBack, onSecret, onSwitch }: Props) {
  const { t } = useText()
  const [notice, setNotice] = useState('')
  const test = useTestWebhook(webhook.id)
  const rotate = useRotateSecret(webhook.id)
  const replay = useReplay(webhook.id)
  const replayed = { onSuccess: ({ count }: { count: number }) => setNotice(t('webhooks.replayed', { count })) }
  const error = test.error ?? rotate.error ?? replay.error
  return (
    <div className={page.page}>
      <div>
        <Button autoFocus onClick={onBack}>{t('webhooks.back')}</Button>
      </div>
      <h2 dir="auto">{webhook.name}</h2>
      <WebhookState webhook={webhook} />
      <div className={page.actions}>
        <Button onClick={onSwitch}>{t(webhook.isActive ? 'settings.off' : 'settings.on')}</Button>
        <Button disabled={test.isPending} onClick={() => test.mutate(undefined, { onSuccess: () => setNotice(t('webhooks.tested')) })}>
          {t('webhooks.test')}
        </Button>
        <Button
          disabled={rotate.isPending}
          onClick={() =>
            rotate.mutate(undefined, {
              onSuccess: ({ secret }) => {
                setNotice(t('webhooks.rotateText'))
                onSecret(secret ?? '')
              },
            })
          }
        >
          {t('webhooks.rotate')}
        </Button>
        <Button disabled={replay.isPending} onClick={() => replay.mutate('failed', replayed)}>
          {t('webhooks.replayFailed')}
        </Button>
        <Button disabled={replay.isPending} onClick={() => replay.mutate('missing', replayed)}>
          {t('webhooks.replayMissing')}
        </Button>
      </div>
      {error && <ErrorNotice error={error} />}
      <Notice text={notice} />
      <DeliveryList webhook={webhook.id} />
    </div>
  )
}
