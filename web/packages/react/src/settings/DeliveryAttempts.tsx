import { useState } from 'react'
import { Notice } from '../forms/Notice'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice, QueryState } from '../ui/States'
import styles from './settings.module.css'
import { type Delivery, useDelivery, useRedeliver } from './useWebhooks'

/** DeliveryAttempts shows what the receiver answered to each call of a delivery. */
export function DeliveryAttempts({ delivery }: { delivery: Delivery }) {
  const { t, date } = useText()
  const detail = useDelivery(delivery)
  const redeliver = useRedeliver(delivery.webhookId)
  const [notice, setNotice] = useState('')
  return (
    <div role="group" aria-label={t('webhooks.attempts', { event: delivery.event, time: date(delivery.createdAt) })}>
      <QueryState of={detail} />
      {detail.data?.attempts.length === 0 && <p>{t('webhooks.noAttempts')}</p>}
      <ol className={styles.attempts}>
        {detail.data?.attempts.map((attempt) => (
          <li key={attempt.number}>
            <p>
              {t('webhooks.attempt', { result: attempt.error ?? String(attempt.statusCode), ms: attempt.durationMs })}{' '}
              <span className={page.muted}>{date(attempt.createdAt)}</span>
            </p>
            {attempt.answer !== '' && (
              <pre className={page.code} tabIndex={0} dir="auto">
                {attempt.answer}
              </pre>
            )}
          </li>
        ))}
      </ol>
      {redeliver.error && <ErrorNotice error={redeliver.error} />}
      <Notice text={notice} />
      {delivery.state !== 'pending' && (
        <Button
          disabled={redeliver.isPending}
          onClick={() => redeliver.mutate(delivery.id, { onSuccess: () => setNotice(t('webhooks.redelivered')) })}
        >
          {t('webhooks.redeliver')}
        </Button>
      )}
    </div>
  )
}
